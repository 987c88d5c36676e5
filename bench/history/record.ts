import { resolve } from 'node:path';
import { Random } from '../../engine/collections/random.ts';
import { machineKey } from '../compare/calibration.ts';
import { changedFiles, GateFailure, git, resolveRevision } from '../compare/git.ts';
import { givenOptions, selectedParts } from '../compare/options.ts';
import { measureFigures, RECORD_PACE } from './figures.ts';
import { appendRun, type Figure, HISTORY_FILE } from './run.ts';
import { suiteFigures } from './suite-figures.ts';

/**
 * `make bench-record`: measures the parts of the gate as they are built here and adds a line to the history; with
 * `FROM=bench/results/latest.json` it adds what `make bench` has measured instead.
 */
const root = resolve('.');
const options = givenOptions(['from', 'only'], []);

async function measured(): Promise<{ commit: string; suite: string; figures: Figure[] }> {
  const changes = (await changedFiles(root)).filter((file) => file !== HISTORY_FILE);
  const { commit } = await resolveRevision(root, 'HEAD');
  const random = new Random(Date.now() | 0);
  const figures = await measureFigures(root, selectedParts(options.only), RECORD_PACE, random);
  return {
    commit: commit.slice(0, 12) + (changes.length > 0 ? ' with changes' : ''),
    suite: 'gate',
    figures,
  };
}

try {
  const { commit, suite, figures } =
    options.from === undefined ? await measured() : suiteFigures(options.from);
  const [revision = ''] = commit.split(' ');
  const { subject } = await resolveRevision(root, revision);
  const committedAt = await git(root, 'log', '-1', '--format=%cI', revision);
  const at = new Date().toISOString();
  appendRun({ at, commit, subject, committedAt, machine: machineKey(), suite, figures });
  for (const { name, unit, value } of figures) console.log(`${name}: ${value} ${unit}`);
  console.log(`added to ${HISTORY_FILE}`);
} catch (error) {
  if (!(error instanceof GateFailure)) throw error;
  console.error(error.message);
  process.exitCode = 3;
}
