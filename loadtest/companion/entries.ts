import type { BadClientsReport, BadClientsSetup } from '../neighbours/messages.ts';
import type { SubscribersReport, SubscribersSetup } from '../subscribers/messages.ts';
import { Companion } from './companion.ts';

/** Those who misbehave. Rejects with `ProcessLost`. */
export function startBadClients(setup: BadClientsSetup): Promise<Companion<BadClientsReport>> {
  const entry = new URL('../neighbours/bad-clients-process.js', import.meta.url);
  return Companion.start(entry, 'bad clients', setup);
}

/** Those who listen to market data; they are subscribed then. Rejects with `ProcessLost`. */
export function startSubscribers(setup: SubscribersSetup): Promise<Companion<SubscribersReport>> {
  const entry = new URL('../subscribers/subscribers-process.js', import.meta.url);
  return Companion.start(entry, 'subscribers', setup);
}
