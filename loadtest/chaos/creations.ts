import type { AdminClient } from '../client/admin-client.ts';
import type { Random } from '../random.ts';
import type { CreationRow } from './database.ts';
import { definiteAnswer } from './definite-answer.ts';
import type { Findings } from './findings.ts';

type Kind = 'account' | 'asset' | 'market';

/** Something that is made once per name; `id` is null until its request was answered. */
interface Creation {
  readonly kind: Kind;
  readonly name: string;
  readonly ask: (admin: AdminClient) => Promise<number>;
  id: number | null;
}

/**
 * Accounts, assets and markets that come to be while orders flow. A listing goes to every shard, so a crash may leave
 * it half done: whoever asks again must find it whole, with the id it had, and no other may have that.
 */
export class Creations {
  readonly #random: Random;
  readonly #findings: Findings;
  readonly #all: Creation[] = [];
  #assets = 0;
  acknowledged = 0;

  constructor(random: Random, findings: Findings) {
    this.#random = random;
    this.#findings = findings;
  }

  /** Asks for one more; resolves when it is answered, or cannot be any more. */
  async add(admin: AdminClient): Promise<void> {
    const creation = this.#draw();
    this.#all.push(creation);
    // One that is refused now, by a venue that stops or is busy, is asked for again.
    await this.#ask(admin, creation, true);
  }

  /** Asks again for what has no answer, and for one that has: it must hear the same. */
  async settle(admin: AdminClient): Promise<void> {
    for (const creation of this.#all) {
      if (creation.id === null) await this.#ask(admin, creation);
    }
    if (this.#all.length === 0) return;
    const creation = this.#all[this.#random.integer(0, this.#all.length - 1)]!;
    await this.#ask(admin, creation);
  }

  /** Each is a row of its kind, under its id; and none is there twice. */
  audit(rows: readonly CreationRow[]): void {
    const found = new Map(rows.map((row) => [`${row.kind} ${row.name}`, row.id]));
    for (const { kind, name, id } of this.#all) {
      const row = found.get(`${kind} ${name}`);
      if (id === null || row === id) continue;
      this.#findings.add('lost', () => `${kind} ${name}, told as ${id}, is row ${row}`);
    }
    if (found.size === rows.length) return;
    this.#findings.add('duplicate', () => `${rows.length} rows of ${found.size} names`);
  }

  #draw(): Creation {
    const draw = this.#random.next();
    const number = this.#all.length + 1;
    if (draw < 0.5) {
      const name = `late ${number}`;
      const ask = (admin: AdminClient) => admin.createAccount(name);
      return { kind: 'account', name, ask, id: null };
    }
    const late = this.#all.find(({ kind, id }) => kind === 'asset' && id === this.#newestAssetId());
    if (draw < 0.75 && late !== undefined) return listingOf(late.name);
    const name = `LATE${++this.#assets}`;
    const ask = async (admin: AdminClient) => (await admin.createAsset(name, 6)).assetId;
    return { kind: 'asset', name, ask, id: null };
  }

  #newestAssetId(): number | null {
    const ids = this.#all.filter(({ kind }) => kind === 'asset').map(({ id }) => id ?? 0);
    return ids.length === 0 ? null : Math.max(...ids) || null;
  }

  async #ask(admin: AdminClient, creation: Creation, mayBeRefused = false): Promise<void> {
    const answer = await definiteAnswer(() => creation.ask(admin));
    if (answer === 'unknown' || (answer === 'refused' && mayBeRefused)) return;
    const { kind, name, id } = creation;
    if (answer === 'refused' || (id !== null && id !== answer)) {
      this.#findings.add(
        'lost',
        () => `${kind} ${name}, of id ${id}, is ${answer} when asked again`,
      );
      return;
    }
    if (id === null) this.acknowledged++;
    creation.id = answer;
    for (const other of this.#all) {
      if (other === creation || other.kind !== kind || other.id !== answer) continue;
      if (other.name === name) continue;
      this.#findings.add('duplicate', () => `${kind} ${name} and ${other.name} are both ${answer}`);
    }
  }
}

/** A market of this asset, all of whose limits the venue derives. */
function listingOf(baseSymbol: string): Creation {
  const symbol = `${baseSymbol}_USD`;
  const listing = { symbol, baseSymbol, quoteSymbol: 'USD', tickSize: '0.01', stepSize: '0.001' };
  const ask = async (admin: AdminClient) => (await admin.listMarket(listing)).marketId;
  return { kind: 'market', name: symbol, ask, id: null };
}
