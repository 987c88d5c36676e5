import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Commands } from './commands.ts';
import { GateFailure, git } from './git.ts';

/** What is compiled is this file and what it imports: no other benchmark, and no package of one, can be in the way. */
const RUN_PART_SOURCE = 'bench/gate/run-part.ts';
/** Declarations that are not imported but belong to what is. */
const DECLARATIONS = ['engine', 'persistence', 'bench'].map((folder) => `${folder}/**/*.d.ts`);
const CONFIG = 'tsconfig.gate.json';
/** Of a compiler that has much to say. */
const ERROR_LINES_KEPT = 3;

/** What the working tree keeps beside the benchmarks' source, and no tree needs. */
const NO_SOURCE = /^bench\/(?:results|calibration\.json)/;

/** Of a folder of trees; the number is that of the process that made it. */
const FOLDER = /^ringside-gate-(\d+)-\w+$/;

/** Temporary worktrees of a repository, in one temporary folder, to be removed together. */
export class Trees {
  readonly #repository: string;
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), `ringside-gate-${process.pid}-`)));
  readonly #added: string[] = [];
  readonly #builds = new Commands();
  readonly #interruption = new AbortController();
  /** A checkout under way: it is short, and ended halfway it would leave git in disorder. */
  #checkout: Promise<unknown> = Promise.resolve();

  /** @param repository the working tree whose node_modules and benchmarks are used */
  constructor(repository: string) {
    this.#repository = repository;
  }

  /** Checks a commit out; answers its tree. @throws GateFailure */
  async add(label: string, commit: string): Promise<string> {
    const root = join(this.#folder, label);
    this.#added.push(root);
    await this.#checkOut(this.#repository, 'worktree', 'add', '--detach', '--quiet', root, commit);
    return root;
  }

  /** Aborted when the trees are about to be removed before the work is done. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Ends whatever is done in the trees, and removes them. */
  async interrupt(): Promise<void> {
    this.#interruption.abort();
    await this.#builds.stop();
    await this.#checkout;
    await this.remove();
  }

  /** Removes trees of this repository, and folders of trees, whose process was killed before it could. */
  async removeLeftBehind(): Promise<void> {
    const list = await git(this.#repository, 'worktree', 'list', '--porcelain');
    for (const [, root] of list.matchAll(/^worktree (.*)$/gm)) {
      if (isLeftBehind(dirname(root!))) await this.#removeTree(root!);
    }
    const parent = dirname(this.#folder);
    for (const name of readdirSync(parent)) {
      const folder = join(parent, name);
      if (isLeftBehind(folder)) removeIfAllowed(folder);
    }
  }

  /** Takes back whatever was done to a tree's files. @throws GateFailure */
  async reset(root: string): Promise<void> {
    await this.#checkOut(root, 'reset', '--hard', '--quiet');
  }

  /** Puts the benchmarks of the working tree in the place of the tree's own. */
  layBenchmarksOver(root: string): void {
    this.#expectGoing();
    const from = this.#repository;
    rmSync(join(root, 'bench'), { recursive: true, force: true });
    cpSync(join(from, 'bench'), join(root, 'bench'), {
      recursive: true,
      filter: (path) => !NO_SOURCE.test(path.slice(from.length + 1)),
    });
  }

  /** Gives a tree its own benchmarks back. */
  async restoreBenchmarks(root: string): Promise<void> {
    this.#expectGoing();
    rmSync(join(root, 'bench'), { recursive: true, force: true });
    await this.#checkOut(root, 'checkout', '--quiet', 'HEAD', '--', 'bench');
  }

  /** Gives a tree its dependencies and compiles its parts. @throws GateFailure with the first errors */
  async build(root: string): Promise<void> {
    this.#expectGoing();
    await buildParts(root, this.#repository, this.#builds);
  }

  /** Removes all trees, whatever state they are in. */
  async remove(): Promise<void> {
    for (const root of this.#added) await this.#removeTree(root);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #checkOut(directory: string, ...args: string[]): Promise<void> {
    this.#expectGoing();
    const work = git(directory, ...args);
    this.#checkout = work.catch(() => {});
    await work;
  }

  /** Nothing is to be put where the trees are being removed. */
  #expectGoing(): void {
    if (this.interrupted.aborted) throw new GateFailure('interrupted');
  }

  /** The second `--force` is for one that git keeps locked, since its checkout was cut short. */
  async #removeTree(root: string): Promise<void> {
    const remove = ['worktree', 'remove', '--force', '--force', root];
    await git(this.#repository, ...remove).catch(() => {});
  }
}

/**
 * Gives a tree its dependencies and compiles the gate's parts in it.
 *
 * @param repository whose node_modules are taken when they are the ones that the tree wants
 * @throws GateFailure with the first errors
 */
export async function buildParts(
  root: string,
  repository: string,
  commands = new Commands(),
): Promise<void> {
  if (!existsSync(join(root, RUN_PART_SOURCE))) {
    throw new GateFailure('it has no parts to be measured');
  }
  await provideDependencies(root, repository, commands);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const config = { extends: './tsconfig.json', files: [RUN_PART_SOURCE], include: DECLARATIONS };
  writeFileSync(join(root, CONFIG), JSON.stringify(config));
  const tsc = join(root, 'node_modules/.bin/tsc');
  try {
    await commands.run(tsc, ['-p', CONFIG, '--pretty', 'false'], root);
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    const lines = stdout.split('\n').filter((line) => line.includes('error'));
    throw new GateFailure(lines.slice(0, ERROR_LINES_KEPT).join('; ') || message);
  }
}

async function provideDependencies(
  root: string,
  repository: string,
  commands: Commands,
): Promise<void> {
  if (existsSync(join(root, 'node_modules'))) return;
  const [wanted, installed] = [root, repository].map((tree) =>
    readFileSync(join(tree, 'package-lock.json'), 'utf8'),
  );
  if (wanted === installed) {
    symlinkSync(realpathSync(join(repository, 'node_modules')), join(root, 'node_modules'));
    return;
  }
  try {
    await commands.run('npm', ['ci', '--no-audit', '--no-fund'], root);
  } catch (error) {
    throw new GateFailure(`npm ci: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** Another user's is not ours to remove. */
function removeIfAllowed(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {}
}

/** Whether a folder is one of trees whose process is gone. */
function isLeftBehind(folder: string): boolean {
  const [, id] = FOLDER.exec(basename(folder)) ?? [];
  if (id === undefined || dirname(folder) !== realpathSync(tmpdir())) return false;
  try {
    process.kill(Number(id), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
