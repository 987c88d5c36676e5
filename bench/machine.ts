import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** Where and on what the figures were measured. */
export interface Machine {
  readonly processors: string;
  readonly memory: string;
  readonly kernel: string;
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
