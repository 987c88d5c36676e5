import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PartOutcome } from './comparison.ts';
import { runGate } from './gate.ts';
import { changedFiles, commitOfWorkingTree, git, resolveRevision } from './git.ts';
import { notesOnWorkingTree } from './notes.ts';
import type { ComparisonReport } from './report-rows.ts';
import { engineOf, TinyRepository } from './tiny-repository.fixture.ts';
import { Trees } from './trees.ts';

const KNOWN_COUNTERS = 'bench/gate/known-counters.json';
const sumOf = (n: number, first: number): number => {
  let total = 0;
  for (let at = first; at <= n; at++) total = (total + Math.imul(at, at)) | 0;
  return total;
};

let repository: TinyRepository;
/** Without benchmarks, and with an engine that today's cannot use; one without a difference; three times the work. */
let ancient: string;
let base: string;
let slow: string;

before(() => {
  repository = new TinyRepository();
  repository.write('engine/sum.ts', 'export const total = 1;\n');
  ancient = repository.commit('begin');
  repository.addBenchmarks();
  repository.write('engine/sum.ts', engineOf(1));
  base = repository.commit('add a sum');
  repository.write('engine/sum.ts', engineOf(3));
  slow = repository.commit('sum three times, to be sure');
});

after(() => repository.remove());

/** Coarse and short: the tests' machine is busy, and what is to be found is large. */
async function gate(
  from: string,
  to: string,
  budgetMs: number,
  names: readonly string[] = ['sum'],
): Promise<ComparisonReport> {
  const trees = new Trees(repository.path);
  try {
    return await runGate(trees, {
      repository: repository.path,
      base: await resolveRevision(repository.path, from),
      head: await resolveRevision(repository.path, to),
      parts: names.map((name) => ({ name })),
      isEveryPart: true,
      pace: { turns: 3, warmUpMs: 10 },
      threshold: 0.5,
      seed: 1,
      budgetMs,
      notes: [],
      log: () => {},
    });
  } finally {
    await trees.remove();
    assert.equal(repository.worktrees, 1, 'nothing is left of the trees');
  }
}

const AMPLE_MS = 120_000;
/** For one pair of each part, which there always is. */
const ONE_PAIR_MS = 0;

function only({ outcomes }: ComparisonReport): PartOutcome {
  assert.equal(outcomes.length, 1);
  return outcomes[0]!;
}

test('a commit that does three times the work is found slower, and refused', async () => {
  const report = await gate(base, slow, AMPLE_MS);
  const { verdict, ratio, isSuspected, changes } = only(report);
  assert.equal(verdict, 'slower');
  assert.ok(isSuspected && ratio!.low > 1.5 && ratio!.value > 2, JSON.stringify(ratio));
  assert.deepEqual(changes, []);
  assert.deepEqual(report.objections, ['sum is slower']);
});

test('a commit against itself is the same', async () => {
  const report = await gate(base, base, AMPLE_MS);
  assert.equal(only(report).verdict, 'same');
  assert.deepEqual(report.objections, []);
});

test('another answer is refused, until the known counters say that it is meant', async () => {
  const [was, is] = [sumOf(400_000, 1), sumOf(400_000, 2)];
  repository.write('engine/sum.ts', engineOf(1, 2));
  const silent = repository.commit('leave the one out');
  const refused = await gate(base, silent, ONE_PAIR_MS);
  assert.deepEqual(refused.objections, [`sum: sum (in all) was ${was}, is ${is}`]);
  assert.equal(only(refused).verdict, 'not decidable');
  repository.write(KNOWN_COUNTERS, JSON.stringify({ sum: { 'sum, in all': is } }));
  const renewed = repository.commit('leave the one out, and say so');
  const passed = await gate(base, renewed, ONE_PAIR_MS);
  assert.deepEqual(passed.objections, []);
  assert.deepEqual(
    only(passed).changes.map(({ isRenewed }) => isRenewed),
    [true],
  );
});

test('what cannot be compared is named', async () => {
  const lost = await gate(base, base, ONE_PAIR_MS, ['product']);
  assert.equal(only(lost).verdict, 'not comparable');
  assert.match(only(lost).failure!.message, /there is no part product/);
  await assert.rejects(gate(ancient, base, ONE_PAIR_MS), {
    name: 'GateFailure',
    message:
      /^base does not build with the head's benchmarks: .*TS2305.*; with its own: git checkout/,
  });
  await assert.rejects(gate(base, ancient, ONE_PAIR_MS), {
    name: 'GateFailure',
    message: /^head does not build: .*TS2305/,
  });
  await assert.rejects(resolveRevision(repository.path, 'nowhere'), {
    name: 'GateFailure',
    message: 'there is no commit nowhere',
  });
});

test('a base on its own benchmarks is judged only where they do the same work', async () => {
  const renamedEngine = engineOf(1).replace('function sum', 'function sumUp');
  for (const [operations, work, verdict, message] of [
    [400_000, 400_000, 'same', null],
    [800_000, 800_000, 'not comparable', 'operations were 400000, are 800000'],
    [400_000, 800_000, 'not comparable', /sum \(in all\) was \S+, is \S+/],
  ] as const) {
    repository.write('engine/sum.ts', renamedEngine);
    repository.addBenchmarks({ name: 'sumUp', operations, work });
    const renamed = repository.commit(`call it a total of ${operations} and ${work}`);
    const report = await gate(base, renamed, verdict === 'same' ? AMPLE_MS : ONE_PAIR_MS);
    assert.match(report.notes.join(), /^base runs its own benchmarks; .*TS\d+/);
    assert.equal(only(report).verdict, verdict);
    if (message !== null) assert.match(only(report).failure!.message, new RegExp(message));
    assert.deepEqual(report.objections, []);
  }
  repository.write('engine/sum.ts', engineOf(1));
  repository.addBenchmarks();
  repository.commit('call it a sum again');
});

test('a working tree with changes can be taken as a commit, and stays as it is', async () => {
  assert.deepEqual(await changedFiles(repository.path), []);
  const head = await resolveRevision(repository.path, 'HEAD');
  assert.deepEqual(await commitOfWorkingTree(repository.path), head);
  repository.write('engine/sum.ts', engineOf(2));
  const changed = await commitOfWorkingTree(repository.path);
  assert.notEqual(changed.commit, head.commit);
  assert.match(changed.subject, /changes that are not committed/);
  assert.deepEqual(await changedFiles(repository.path), ['engine/sum.ts']);
  repository.write('engine/new.ts', 'export {};\n');
  const both = await commitOfWorkingTree(repository.path);
  const files = await changedFiles(repository.path, head.commit);
  assert.deepEqual(files, ['engine/sum.ts', 'engine/new.ts']);
  const committed = await git(repository.path, 'diff', '--name-only', 'HEAD', both.commit);
  assert.deepEqual(committed.split('\n'), ['engine/new.ts', 'engine/sum.ts']);
  assert.equal(await git(repository.path, 'ls-files', 'engine/new.ts'), '');
});

test('it is told which files of the working tree both sides run, and which none does', async () => {
  const head = await resolveRevision(repository.path, 'HEAD');
  repository.write('engine/sum.ts', engineOf(4));
  repository.write('bench/gate/mine.ts', 'export {};\n');
  const notes = await notesOnWorkingTree(repository.path, head, false);
  assert.equal(notes.length, 2);
  assert.match(notes[0]!, /both sides run the benchmarks of the working tree.*: bench\/gate\/mine/);
  assert.match(notes[1]!, /left out .*: engine\/sum\.ts/);
  assert.ok(!notes[1]!.includes('bench/'));
  assert.deepEqual(await notesOnWorkingTree(repository.path, head, true), []);
});

test('a part that only the base has is named', async () => {
  repository.write(KNOWN_COUNTERS, JSON.stringify({ sum: {}, product: {} }));
  const both = repository.commit('know a product');
  repository.write(KNOWN_COUNTERS, JSON.stringify({ sum: {} }));
  const less = repository.commit('forget the product');
  const { outcomes, objections } = await gate(both, less, ONE_PAIR_MS);
  const [, product] = outcomes;
  assert.deepEqual([product!.part, product!.verdict], ['product', 'not comparable']);
  assert.match(product!.failure!.message, /it has this part/);
  assert.deepEqual(objections, []);
});
