import { accompany } from '../companion/companion-process.ts';
import { BadClients } from './bad-clients.ts';
import type { BadClientsReport, BadClientsSetup } from './messages.ts';

/** The entry of the bad clients' process. */
accompany<BadClientsSetup, BadClientsReport>((setup) => new BadClients(setup));
