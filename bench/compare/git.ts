import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** Something that the gate needs and does not get, said in one line: a revision, a build. */
export class GateFailure extends Error {
  override name = 'GateFailure';
}

/** Runs git in a directory; answers what it prints. @throws GateFailure with what git says */
export function git(directory: string, ...args: string[]): Promise<string> {
  return gitWith({}, directory, ...args);
}

/** The same with some variables of its environment. */
async function gitWith(
  environment: Readonly<Record<string, string>>,
  directory: string,
  ...args: string[]
): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', directory, ...args], {
      maxBuffer: OUTPUT_BYTES_MAX,
      env: { ...process.env, ...environment },
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

/** Files of the working tree that differ from a commit's, those included that git does not know and does not ignore. */
export async function changedFiles(repository: string, commit = 'HEAD'): Promise<string[]> {
  const lists = await Promise.all([
    git(repository, 'diff', '--name-only', '--no-renames', '-z', commit),
    git(repository, 'ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return lists.flatMap((list) => list.split('\0').filter(Boolean));
}

/** Who makes a commit that nobody will see: git refuses without a name. */
const NOBODY = ['-c', 'user.name=bench-compare', '-c', 'user.email=bench-compare@localhost'];

/**
 * The working tree as a commit, which no branch has: the last one with all that `changedFiles` names. Changes nothing
 * in the working tree, nor in its index.
 */
export async function commitOfWorkingTree(repository: string): Promise<Revision> {
  const head = await resolveRevision(repository, 'HEAD');
  if ((await changedFiles(repository)).length === 0) return head;
  const folder = mkdtempSync(join(tmpdir(), 'ringside-index-'));
  try {
    const index = { GIT_INDEX_FILE: join(folder, 'index') };
    await gitWith(index, repository, 'read-tree', 'HEAD');
    await gitWith(index, repository, 'add', '--all');
    const tree = await gitWith(index, repository, 'write-tree');
    const subject = `${head.subject} (with changes that are not committed)`;
    const made = ['commit-tree', tree, '-p', head.commit, '-m', subject];
    return { commit: await git(repository, ...NOBODY, ...made), subject };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
