import { Random } from '../engine/collections/random.ts';
import { OrderType, Side, TimeInForce } from '../engine/protocol/enums.ts';

/** What one command of the flow does; cancels name an earlier placement by its client id. */
export interface FlowCommand {
  readonly isCancel: boolean;
  readonly accountId: number;
  readonly clientId: number;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly priceTicks: number;
  readonly quantityLots: number;
}

/** The mix, as every report prints it. */
export const FLOW_MIX =
  '45 % GTC limits 1-20 ticks from a drifting mid, 10 % IOC through it, ' +
  '45 % cancels of random earlier orders (some filled meanwhile: refused)';

/**
 * A seeded stream of commands in one market. It is fixed before the clock starts and does not look at
 * any answer, so the same seed gives the same trades however fast it is sent.
 */
export function makeOrderFlow(seed: number, count: number, accounts: number): FlowCommand[] {
  const random = new Random(seed);
  const open: FlowCommand[] = [];
  const flow: FlowCommand[] = [];
  let midTicks = 100_000;
  for (let index = 0; index < count; index++) {
    const draw = random.below(100);
    if (draw < 45 && open.length > 100) {
      const at = random.below(open.length);
      flow.push({ ...open[at]!, isCancel: true });
      open[at] = open.at(-1)!;
      open.pop();
      continue;
    }
    if (random.below(50) === 0) midTicks += random.below(3) - 1;
    const isIoc = draw >= 90;
    const isBid = random.below(2) === 0;
    const away = isIoc ? -2 : 1 + random.below(20);
    const command: FlowCommand = {
      isCancel: false,
      accountId: 1 + random.below(accounts),
      clientId: index,
      side: isBid ? Side.Bid : Side.Ask,
      orderType: OrderType.Limit,
      timeInForce: isIoc ? TimeInForce.IOC : TimeInForce.GTC,
      priceTicks: midTicks + (isBid ? -away : away),
      quantityLots: 1 + random.below(100),
    };
    flow.push(command);
    if (!isIoc) open.push(command);
  }
  return flow;
}
