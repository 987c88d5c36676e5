import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A signed request that an unmodified ccxt client made. */
export interface Vector {
  readonly name: string;
  readonly url?: string;
  readonly body?: string | null;
  readonly frame?: string;
  readonly signingString: string;
  readonly 'x-signature'?: string;
}

const repositoryRoot = resolve(import.meta.dirname, '../../..');
const shared = process.env.RINGSIDE_SHARED ?? resolve(repositoryRoot, '../shared');

export const vectorsPath = resolve(shared, 'data/signing-vectors.json');

/** Why a test of the vectors cannot run here; false when it can. */
export const skipWithoutVectors = existsSync(vectorsPath) ? false : `${vectorsPath} is absent`;
