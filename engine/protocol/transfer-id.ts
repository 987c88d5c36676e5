/**
 * The id of a transfer, as `MoveFunds` has it, is the caller's text. What an account asked for itself, and what went to
 * another account or came from one, carries behind it, on lines of their own, where the money went: it is journaled,
 * kept and answered with the transfer, and the engine reads no more of it than the id on the first line, by which a
 * repeated transfer is known.
 */

/** Where a withdrawal goes. None of the texts has a line feed. */
export interface Destination {
  readonly blockchain: string;
  readonly address: string;
}

/** A transfer id, taken apart. */
export interface TransferIdParts {
  readonly id: string;
  /** Null of a transfer of the operator's. */
  readonly destination: Destination | null;
  /** The account's own id of the withdrawal; null when it gave none. */
  readonly clientId: string | null;
}

/** What the ids of withdrawals that accounts ask for begin with; no operator's does. */
export const REQUESTED_PREFIX = 'request:';
const CLIENT_PREFIX = `${REQUESTED_PREFIX}client:`;

const LINE_FEED = '\n';

/** The part of a transfer id by which a repeated transfer is known. */
export function firstLineOf(transferId: string): string {
  const end = transferId.indexOf(LINE_FEED);
  return end < 0 ? transferId : transferId.slice(0, end);
}

/**
 * The transfer id of a withdrawal that its account asks for.
 *
 * @param uniqueId of the request; names the withdrawal when there is no client id
 */
export function requestedTransferId(
  { blockchain, address }: Destination,
  clientId: string | null,
  uniqueId: string,
): string {
  const id = clientId === null ? REQUESTED_PREFIX + uniqueId : CLIENT_PREFIX + clientId;
  return [id, blockchain, address].join(LINE_FEED);
}

/** The transfer id of one side of a transfer between accounts, to or from the other one. */
export function internalTransferId(id: string, otherAccountId: number): string {
  return [id, 'internal', otherAccountId].join(LINE_FEED);
}

export function transferIdParts(transferId: string): TransferIdParts {
  const [id, blockchain, address] = transferId.split(LINE_FEED);
  if (blockchain === undefined || address === undefined) {
    return { id: id!, destination: null, clientId: null };
  }
  const clientId = id!.startsWith(CLIENT_PREFIX) ? id!.slice(CLIENT_PREFIX.length) : null;
  return { id: id!, destination: { blockchain, address }, clientId };
}
