import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { REPOSITORY_ROOT } from '../client/shared-data.ts';
import type { RunEnvironment } from '../result/run-result.ts';
import type { TestedVenue } from './venue.ts';

/** What of a real venue's work the way to this one leaves out. */
export function leftOutOf({ url, isOnThisMachine }: Pick<TestedVenue, 'url' | 'isOnThisMachine'>) {
  const sentences: string[] = [];
  if (isOnThisMachine) {
    sentences.push(
      'No network between clients and venue: everything is on the loopback interface.',
    );
  }
  if (url.startsWith('http:')) {
    sentences.push(
      'No encryption: connections are plain websockets, as behind a proxy that ends TLS.',
    );
  }
  return sentences;
}

/** What the figures of a run stand on. */
export function describeEnvironment(
  venue: Pick<TestedVenue, 'description' | 'isOnThisMachine'>,
  startedAtMs: number,
  leavesOut: readonly string[],
): RunEnvironment {
  const processors = cpus();
  return {
    startedAtMs,
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    commit: commit(),
    venue: venue.description,
    sharesMachine: venue.isOnThisMachine,
    leavesOut,
  };
}

function commit(): string {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  };
  const revision = git('rev-parse', 'HEAD');
  if (revision === undefined) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === ''
    ? revision
    : `${revision}-dirty`;
}
