import { accompany } from '../companion/companion-process.ts';
import type { SubscribersReport, SubscribersSetup } from './messages.ts';
import { Subscribers } from './subscribers.ts';

/** The entry of the subscribers' process. */
accompany<SubscribersSetup, SubscribersReport>((setup) => new Subscribers(setup));
