import type { Fields, Message } from '../protocol/message.ts';
import { ShardOutputs } from './outputs.ts';
import { SHARD_PARTS, type ShardParts } from './shard-parts.ts';

/** Numbers what a shard says as ever, and encodes nothing of it: for a shard that nobody listens to. */
export class SilentOutputs extends ShardOutputs {
  override record(): void {
    this.eventSequence++;
  }

  override answer(): void {}

  override send<F extends Fields>(shard: number, _message: Message<F>): void {
    this.sentTo[shard]!++;
  }
}

/** A real shard but for its voice. */
export const SILENT_PARTS: ShardParts = { ...SHARD_PARTS, Outputs: SilentOutputs };
