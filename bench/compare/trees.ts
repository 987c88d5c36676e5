import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GateFailure, git } from './git.ts';

const run = promisify(execFile);

/** What is compiled is this file and what it imports: no other benchmark, and no package of one, can be in the way. */
const RUN_PART_SOURCE = 'bench/gate/run-part.ts';
/** Declarations that are not imported but belong to what is. */
const DECLARATIONS = ['engine', 'persistence', 'bench'].map((folder) => `${folder}/**/*.d.ts`);
const CONFIG = 'tsconfig.gate.json';
/** Of a compiler that has much to say. */
const ERROR_LINES_KEPT = 3;

/** What the working tree keeps beside the benchmarks' source, and no tree needs. */
const NO_SOURCE = /^bench\/(?:results|calibration\.json)/;

/** Temporary worktrees of a repository, in one temporary folder, to be removed together. */
export class Trees {
  readonly #repository: string;
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'ringside-gate-')));
  readonly #added: string[] = [];

  /** @param repository the working tree whose node_modules and benchmarks are used */
  constructor(repository: string) {
    this.#repository = repository;
  }

  /** Checks a commit out; answers its tree. @throws GateFailure */
  async add(label: string, commit: string): Promise<string> {
    const root = join(this.#folder, label);
    this.#added.push(root);
    await git(this.#repository, 'worktree', 'add', '--detach', '--quiet', root, commit);
    return root;
  }

  /** Takes back whatever was done to a tree's files. @throws GateFailure */
  async reset(root: string): Promise<void> {
    await git(root, 'reset', '--hard', '--quiet');
  }

  /** Puts the benchmarks of the working tree in the place of the tree's own. */
  layBenchmarksOver(root: string): void {
    const from = this.#repository;
    rmSync(join(root, 'bench'), { recursive: true, force: true });
    cpSync(join(from, 'bench'), join(root, 'bench'), {
      recursive: true,
      filter: (path) => !NO_SOURCE.test(path.slice(from.length + 1)),
    });
  }

  /** Gives a tree its own benchmarks back. */
  async restoreBenchmarks(root: string): Promise<void> {
    rmSync(join(root, 'bench'), { recursive: true, force: true });
    await git(root, 'checkout', '--quiet', 'HEAD', '--', 'bench');
  }

  /** Gives a tree its dependencies and compiles its parts. @throws GateFailure with the first errors */
  async build(root: string): Promise<void> {
    await buildParts(root, this.#repository);
  }

  /** Removes all trees, whatever state they are in. */
  async remove(): Promise<void> {
    for (const root of this.#added) {
      await git(this.#repository, 'worktree', 'remove', '--force', root).catch(() => {});
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Gives a tree its dependencies and compiles the gate's parts in it.
 *
 * @param repository whose node_modules are taken when they are the ones that the tree wants
 * @throws GateFailure with the first errors
 */
export async function buildParts(root: string, repository: string): Promise<void> {
  if (!existsSync(join(root, RUN_PART_SOURCE))) {
    throw new GateFailure('it has no parts to be measured');
  }
  await provideDependencies(root, repository);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const config = { extends: './tsconfig.json', files: [RUN_PART_SOURCE], include: DECLARATIONS };
  await writeFile(join(root, CONFIG), JSON.stringify(config));
  const tsc = join(root, 'node_modules/.bin/tsc');
  try {
    await run(tsc, ['-p', CONFIG, '--pretty', 'false'], { cwd: root });
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    const lines = stdout.split('\n').filter((line) => line.includes('error'));
    throw new GateFailure(lines.slice(0, ERROR_LINES_KEPT).join('; ') || message);
  }
}

async function provideDependencies(root: string, repository: string): Promise<void> {
  if (existsSync(join(root, 'node_modules'))) return;
  const [wanted, installed] = [root, repository].map((tree) =>
    readFileSync(join(tree, 'package-lock.json'), 'utf8'),
  );
  if (wanted === installed) {
    symlinkSync(realpathSync(join(repository, 'node_modules')), join(root, 'node_modules'));
    return;
  }
  try {
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  } catch (error) {
    throw new GateFailure(`npm ci: ${(error as Error).message.split('\n')[0]}`);
  }
}
