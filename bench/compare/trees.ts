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
import { RUN_PART } from './part-process.ts';

const run = promisify(execFile);

/** What is compiled: the benchmarks, and what they import. */
const BUILT_FOLDERS = ['engine', 'persistence', 'bench'];
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

  /**
   * Gives a tree its dependencies and compiles it.
   *
   * @throws GateFailure with the first errors
   */
  async build(root: string): Promise<void> {
    await this.#provideDependencies(root);
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    const config = { extends: './tsconfig.json', include: BUILT_FOLDERS };
    await writeFile(join(root, CONFIG), JSON.stringify(config));
    const tsc = join(root, 'node_modules/.bin/tsc');
    try {
      await run(tsc, ['-p', CONFIG, '--pretty', 'false'], { cwd: root });
    } catch (error) {
      const { stdout = '', message } = error as Error & { stdout?: string };
      const lines = stdout.split('\n').filter((line) => line.includes('error'));
      throw new GateFailure(lines.slice(0, ERROR_LINES_KEPT).join('; ') || message);
    }
    if (!existsSync(join(root, RUN_PART))) throw new GateFailure('it has no parts to be measured');
  }

  async #provideDependencies(root: string): Promise<void> {
    const [wanted, installed] = [root, this.#repository].map((tree) =>
      readFileSync(join(tree, 'package-lock.json'), 'utf8'),
    );
    if (existsSync(join(root, 'node_modules'))) return;
    if (wanted === installed) {
      symlinkSync(realpathSync(join(this.#repository, 'node_modules')), join(root, 'node_modules'));
      return;
    }
    try {
      await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
    } catch (error) {
      throw new GateFailure(`npm ci: ${(error as Error).message.split('\n')[0]}`);
    }
  }

  /** Removes all trees, whatever state they are in. */
  async remove(): Promise<void> {
    for (const root of this.#added) {
      await git(this.#repository, 'worktree', 'remove', '--force', root).catch(() => {});
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
