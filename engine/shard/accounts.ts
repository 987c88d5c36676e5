import { assert } from '../assert.ts';
import { Hash64 } from '../collections/hash64.ts';
import { MultisetHash } from '../collections/multiset-hash.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type {
  CreateAccount,
  CreateApiKey,
  MoveFunds,
  QueryBalances,
  RevokeApiKey,
  SetAllowedAddresses,
  TransferFunds,
} from '../protocol/commands.ts';
import { TransferKind } from '../protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  BalanceSnapshot,
  FundsMoved,
} from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { CreditTransfer } from '../protocol/shard-messages.ts';
import { firstLineOf, internalTransferId } from '../protocol/transfer-id.ts';
import { BodyColumns } from '../snapshot/body-columns.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { ShardOutputs } from './outputs.ts';

/** Account ids are below this, so that (account, client id) fits one exact integer key. */
const ACCOUNT_ID_MAX = 2 ** 21 - 1;

const TRANSFER = new BodyColumns(FundsMoved);

type Moved = Pick<FundsMoved, 'transferId' | 'assetId' | 'amountUnits'>;

/** What a key may do, and from where, in the gateway's words. */
export interface KeyRights {
  /** 0 for a key that was revoked, which stays so. */
  readonly permissions: number;
  readonly allowedAddresses: string;
}

const REVOKED: KeyRights = { permissions: 0, allowedAddresses: '' };

export interface Account {
  readonly name: string;
  readonly createdAtUs: number;
  /** By public key. */
  readonly apiKeys: Map<string, KeyRights>;
  /**
   * What each transfer was answered, by kind and the caller's id: a repeated one hears it again. Kept for ever: ids are
   * any text, so nothing tells which of them cannot come again, and one that was forgotten would move money twice. What
   * that costs is in docs/capacity.md.
   */
  readonly transfers: Map<string, FundsMoved>;
}

/** Who the shard's accounts are, and the money that comes and goes from outside. */
export class Accounts implements Saved {
  /** Time of the command being applied, µs. */
  nowUs = 0;
  /** The sum of what every transfer made says. */
  readonly transferSum = new MultisetHash();
  readonly #hash = new Hash64();
  readonly #ledger: Ledger;
  readonly #outputs: ShardOutputs;
  readonly #assetExists: (assetId: number) => boolean;
  /** By account id: every order asks whether its account is known. */
  readonly #byId: (Account | undefined)[] = [];

  constructor(ledger: Ledger, outputs: ShardOutputs, assetExists: (assetId: number) => boolean) {
    this.#ledger = ledger;
    this.#outputs = outputs;
    this.#assetExists = assetExists;
  }

  has(accountId: number): boolean {
    return this.#byId[accountId] !== undefined;
  }

  /** The accounts with ids above `accountId`, in order of id. */
  *after(accountId: number): Generator<readonly [accountId: number, account: Account]> {
    for (let next = accountId + 1; next < this.#byId.length; next++) {
      const account = this.#byId[next];
      if (account !== undefined) yield [next, account];
    }
  }

  create({ requestId, accountId, name }: Body<typeof CreateAccount>): void {
    if (accountId > ACCOUNT_ID_MAX) {
      this.#outputs.refuse(requestId, RejectCode.TooManyAccounts);
      return;
    }
    if (this.#byId[accountId] !== undefined) {
      this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      return;
    }
    this.#byId[accountId] = accountOf(name, this.nowUs);
    this.#outputs.record(AccountCreated, { requestId, accountId, name, timeUs: this.nowUs });
  }

  createApiKey(command: Body<typeof CreateApiKey>): void {
    const { requestId, accountId, publicKey, permissions, allowedAddresses } = command;
    const account = this.#byId[accountId];
    if (account === undefined) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
      return;
    }
    if (account.apiKeys.has(publicKey)) {
      this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      return;
    }
    account.apiKeys.set(publicKey, { permissions, allowedAddresses });
    this.#outputs.record(ApiKeyCreated, { ...command, timeUs: this.nowUs });
  }

  revokeApiKey({ requestId, accountId, publicKey }: Body<typeof RevokeApiKey>): void {
    const account = this.#byId[accountId];
    if (account === undefined || !account.apiKeys.get(publicKey)?.permissions) {
      this.#outputs.done(requestId);
      return;
    }
    account.apiKeys.set(publicKey, REVOKED);
    this.#outputs.record(ApiKeyRevoked, { requestId, accountId, publicKey, timeUs: this.nowUs });
  }

  setAllowedAddresses(command: Body<typeof SetAllowedAddresses>): void {
    const { requestId, accountId, publicKey, allowedAddresses } = command;
    const account = this.#byId[accountId];
    const permissions = account?.apiKeys.get(publicKey)?.permissions ?? 0;
    if (account === undefined || permissions === 0) {
      this.#outputs.done(requestId);
      return;
    }
    account.apiKeys.set(publicKey, { permissions, allowedAddresses });
    this.#outputs.record(AllowedAddressesSet, { ...command, timeUs: this.nowUs });
  }

  /** Deposit or withdrawal; the same id again changes nothing and gives the first answer. */
  moveFunds(command: Body<typeof MoveFunds>): void {
    const { requestId, kind, accountId, transferId, assetId, amountUnits } = command;
    const account = this.#byId[accountId];
    if (account === undefined) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
      return;
    }
    if (!this.#assetExists(assetId)) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAsset);
      return;
    }
    const transferKey = transferKeyOf(kind, transferId);
    const earlier = account.transfers.get(transferKey);
    if (earlier !== undefined) {
      const isSame = isSameTransfer(earlier, command);
      if (isSame) this.#outputs.answer(FundsMoved, { ...earlier, requestId });
      else this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      return;
    }
    const slot = this.#ledger.slot(accountId, assetId);
    if (kind === TransferKind.Deposit) {
      if (!this.#ledger.canDeposit(assetId, amountUnits)) {
        this.#outputs.refuse(requestId, RejectCode.AmountTooLarge);
        return;
      }
      this.#ledger.deposit(slot, assetId, amountUnits);
    } else {
      assert(kind === TransferKind.Withdrawal, 'unknown transfer kind');
      if (this.#ledger.available(slot) < amountUnits) {
        this.#outputs.refuse(requestId, RejectCode.InsufficientFunds);
        return;
      }
      this.#ledger.withdraw(slot, assetId, amountUnits);
    }
    this.#recordMoved(account, command);
  }

  /**
   * Debits one account for another, whose home is told by `credit`. The same id again changes nothing and gives the
   * first answer.
   *
   * @param isHere whether the other account's home is this shard
   */
  transferFunds(
    command: Body<typeof TransferFunds>,
    isHere: boolean,
    credit: (message: CreditTransfer) => void,
  ): void {
    const { requestId, accountId, toAccountId, assetId, amountUnits } = command;
    const account = this.#byId[accountId];
    if (account === undefined || (isHere && this.#byId[toAccountId] === undefined)) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
      return;
    }
    if (!this.#assetExists(assetId)) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAsset);
      return;
    }
    const transferId = internalTransferId(command.transferId, toAccountId);
    const kind = TransferKind.TransferOut;
    const earlier = account.transfers.get(transferKeyOf(kind, transferId));
    if (earlier !== undefined) {
      const isSame = isSameTransfer(earlier, { transferId, assetId, amountUnits });
      if (isSame) this.#outputs.answer(FundsMoved, { ...earlier, requestId });
      else this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      return;
    }
    const ledger = this.#ledger;
    const slot = ledger.slot(accountId, assetId);
    if (ledger.available(slot) < amountUnits) {
      this.#outputs.refuse(requestId, RejectCode.InsufficientFunds);
      return;
    }
    ledger.debit(slot, amountUnits);
    ledger.inFlight[assetId]! += amountUnits;
    this.#recordMoved(account, { requestId, kind, accountId, transferId, assetId, amountUnits });
    const { transferId: id } = command;
    const fromAccountId = accountId;
    credit({ fromAccountId, toAccountId, transferId: id, assetId, amountUnits });
  }

  /** What another account, here or on another shard, was debited for one of this shard. */
  creditTransfer(message: Readonly<CreditTransfer>): void {
    const { fromAccountId, toAccountId: accountId, assetId, amountUnits } = message;
    const ledger = this.#ledger;
    ledger.credit(ledger.slot(accountId, assetId), amountUnits);
    ledger.inFlight[assetId]! -= amountUnits;
    const id = `${fromAccountId}:${message.transferId}`;
    const transferId = internalTransferId(id, fromAccountId);
    const kind = TransferKind.TransferIn;
    const side = { requestId: 0, kind, accountId, transferId, assetId, amountUnits };
    this.#recordMoved(this.#require(accountId), side);
  }

  queryBalances({ requestId, accountId }: Body<typeof QueryBalances>): void {
    if (this.#byId[accountId] === undefined) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
      return;
    }
    const ledger = this.#ledger;
    ledger.forEachOf(accountId, (assetId, slot) => {
      this.#outputs.answer(BalanceSnapshot, {
        requestId,
        assetId,
        availableUnits: ledger.available(slot),
        lockedUnits: ledger.locked(slot),
      });
    });
    this.#outputs.done(requestId);
  }

  save(writer: SnapshotWriter): void {
    const account = writer.table('accounts', 3);
    this.#forEach((accountId, { name, createdAtUs }) => {
      account.put(accountId);
      account.putText(name);
      account.put(createdAtUs);
    });
    account.end();
    const key = writer.table('API keys', 4);
    this.#forEach((accountId, { apiKeys }) => {
      for (const [publicKey, { permissions, allowedAddresses }] of apiKeys) {
        key.put(accountId);
        key.putText(publicKey);
        key.put(permissions);
        key.putText(allowedAddresses);
      }
    });
    key.end();
    const transfer = writer.table('transfers', TRANSFER.count);
    this.#forEach((_accountId, { transfers }) => {
      for (const moved of transfers.values()) TRANSFER.put(transfer, moved);
    });
    transfer.end();
  }

  load(reader: SnapshotReader): void {
    const account = reader.table('accounts', 3);
    while (account.next()) {
      this.#byId[account.take()] = accountOf(account.takeText(), account.take());
    }
    // Snapshots of before there were addresses have a column less.
    const key = reader.table('API keys', 4, 3);
    while (key.next()) {
      const { apiKeys } = this.#require(key.take());
      const publicKey = key.takeText();
      const permissions = key.take();
      const allowedAddresses = key.columns > 3 ? key.takeText() : '';
      apiKeys.set(publicKey, { permissions, allowedAddresses });
    }
    const transfer = reader.table('transfers', TRANSFER.count);
    while (transfer.next()) {
      const moved = TRANSFER.take(transfer);
      this.#keep(this.#require(moved.accountId), moved);
    }
  }

  #forEach(visit: (accountId: number, account: Account) => void): void {
    this.#byId.forEach((account, accountId) => {
      if (account !== undefined) visit(accountId, account);
    });
  }

  #require(accountId: number): Account {
    const account = this.#byId[accountId];
    assert(account !== undefined, 'no such account');
    return account;
  }

  /** Remembers a transfer that was made. */
  #keep({ transfers }: Account, moved: FundsMoved): void {
    transfers.set(transferKeyOf(moved.kind, moved.transferId), moved);
    this.#hash.reset();
    addTransfer(this.#hash, moved);
    this.transferSum.add(this.#hash);
  }

  #recordMoved(account: Account, move: Body<typeof MoveFunds>): void {
    const slot = this.#ledger.slot(move.accountId, move.assetId);
    const moved = {
      ...move,
      availableUnits: this.#ledger.available(slot),
      lockedUnits: this.#ledger.locked(slot),
      timeUs: this.nowUs,
    };
    this.#keep(account, moved);
    this.#outputs.record(FundsMoved, moved);
  }
}

function accountOf(name: string, createdAtUs: number): Account {
  return { name, createdAtUs, apiKeys: new Map(), transfers: new Map() };
}

function transferKeyOf(kind: number, transferId: string): string {
  return `${kind}:${firstLineOf(transferId)}`;
}

/** Of two transfers of one key. */
function isSameTransfer(earlier: FundsMoved, { transferId, assetId, amountUnits }: Moved): boolean {
  return (
    earlier.assetId === assetId &&
    earlier.amountUnits === amountUnits &&
    earlier.transferId === transferId
  );
}

/** A transfer as an element of their hash: what a repeated one is answered, but for its request id. */
export function addTransfer(hash: Hash64, transfer: Readonly<FundsMoved>): void {
  hash.addWord(transfer.accountId);
  hash.addWord(transfer.kind);
  hash.addText(transfer.transferId);
  hash.addWord(transfer.assetId);
  hash.add(transfer.amountUnits);
  hash.add(transfer.availableUnits);
  hash.add(transfer.lockedUnits);
  hash.add(transfer.timeUs);
}
