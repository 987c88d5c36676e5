import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** Something that the gate needs and does not get, said in one line: a revision, a build. */
export class GateFailure extends Error {
  override name = 'GateFailure';
}

/** Runs git in a directory; answers what it prints. @throws GateFailure with what git says */
export async function git(directory: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', directory, ...args], {
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return stdout.trim();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const command = args.find((word) => /^[a-z-]+$/.test(word) && word !== '-c');
    throw new GateFailure(`git ${command}: ${(stderr ?? '').trim() || message}`);
  }
}

/** A commit by its whole hash, with the first line of its message. */
export interface Revision {
  readonly commit: string;
  readonly subject: string;
}

/** @throws GateFailure when there is no such commit */
export async function resolveRevision(repository: string, name: string): Promise<Revision> {
  let commit: string;
  try {
    commit = await git(
      repository,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{commit}`,
    );
  } catch {
    throw new GateFailure(`there is no commit ${name}`);
  }
  return { commit, subject: await git(repository, 'log', '-1', '--format=%s', commit) };
}

/** Tracked files that differ from the last commit. */
export async function changedFiles(repository: string): Promise<string[]> {
  const status = await git(repository, 'status', '--porcelain', '--untracked-files=no');
  return status === '' ? [] : status.split('\n').map((line) => line.trim().replace(/^\S+\s+/, ''));
}

/** Who makes a commit that nobody will see: git refuses without a name. */
const NOBODY = ['-c', 'user.name=bench-compare', '-c', 'user.email=bench-compare@localhost'];

/**
 * The working tree as a commit, which no branch has: the last one with the changes to its tracked files. Changes
 * nothing in the working tree.
 */
export async function commitOfWorkingTree(repository: string): Promise<Revision> {
  const made = await git(repository, ...NOBODY, 'stash', 'create');
  const head = await resolveRevision(repository, 'HEAD');
  if (made === '') return head;
  return { commit: made, subject: `${head.subject} (with changes that are not committed)` };
}
