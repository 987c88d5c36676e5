import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** Where and on what the figures were measured. */
export interface Machine {
  readonly processors: string;
  readonly memory: string;
  readonly kernel: string;
  /** What the kernel does by itself, and what the C library was told to ask for: it decides over deep books. */
  readonly hugePages: string;
  readonly node: string;
  readonly commit: string;
  /** Of one minute before the start: above 0.2 or so, somebody else was working too. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const cpu = cpus();
  return {
    processors: `${cpu.length} × ${cpu[0]!.model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `${type()} ${release()}`,
    hugePages: hugePages(),
    node: `${process.version} (V8 ${process.versions.v8}), ${process.platform} ${process.arch}`,
    commit: commit(),
    loadBefore: loadavg()[0]!,
  };
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no');
    return git('rev-parse', '--short=12', 'HEAD') + (changes === '' ? '' : ' with changes');
  } catch {
    return 'not in a git repository';
  }
}

function hugePages(): string {
  const tunables = process.env.GLIBC_TUNABLES ?? 'not set';
  let mode: string;
  try {
    mode = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').trim();
  } catch {
    mode = 'unknown';
  }
  return `${mode}, GLIBC_TUNABLES ${tunables}`;
}
