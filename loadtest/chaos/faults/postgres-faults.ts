import { setTimeout as delay } from 'node:timers/promises';
import { PostgresProcess } from '../postgres-process.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

const AWAY_MS_MIN = 500;
const AWAY_MS_MAX = 3_000;

const unavailable = (): string | null =>
  process.platform === 'linux' ? null : 'it looks for processes in /proc';

/** The database dies: orders are taken as before, and the rows come later. */
const postgresKilled: Fault = {
  name: 'Postgres killed',
  weight: 5,
  unavailable,
  async run(stage) {
    await stage.runLoad(0.5);
    postgresOf(stage).kill();
    await tradeOn(stage);
    await endOrAudit(stage);
  },
};

/** Venue and database die together, as when their machine does. */
const killedWithPostgres: Fault = {
  name: 'kill with Postgres',
  weight: 6,
  unavailable,
  async run(stage) {
    await stage.runLoad(0.5);
    postgresOf(stage).kill();
    await stage.kill();
    await stage.recover();
  },
};

/** The database is gone for good: the journals tell it everything again. */
const databaseLost: Fault = {
  name: 'database lost',
  weight: 2,
  unavailable,
  async run(stage) {
    await stage.runLoad(0.5);
    await stage.kill();
    await postgresOf(stage).destroy();
    await stage.recover();
    await stage.auditEverything();
  },
};

/** The database takes connections and answers nothing. */
const postgresFrozen: Fault = {
  name: 'Postgres frozen',
  weight: 5,
  unavailable,
  async run(stage) {
    await stage.runLoad(0.5);
    const thaw = postgresOf(stage).freeze();
    try {
      await tradeOn(stage);
    } finally {
      thaw();
    }
    await endOrAudit(stage);
  },
};

/** The venue dies while its database hangs, and the next one finds it hanging still. */
const killedBesideFrozenPostgres: Fault = {
  name: 'kill beside frozen Postgres',
  weight: 2,
  unavailable,
  async run(stage) {
    await stage.runLoad(0.5);
    const thaw = postgresOf(stage).freeze();
    const timer = setTimeout(thaw, AWAY_MS_MAX);
    try {
      await tradeOn(stage);
      await stage.kill();
      await stage.recover();
    } finally {
      clearTimeout(timer);
      thaw();
    }
  },
};

function postgresOf(stage: Stage): PostgresProcess {
  return new PostgresProcess(stage.venue.settings.dataDirectory);
}

/** Orders must be acknowledged while the database is away. */
async function tradeOn(stage: Stage): Promise<void> {
  const { done } = stage.counts;
  await delay(AWAY_MS_MIN + stage.random.next() * (AWAY_MS_MAX - AWAY_MS_MIN));
  if (stage.counts.done > done) return;
  stage.findings.add('venue', () => 'nothing was acknowledged while Postgres was away');
}

async function endOrAudit(stage: Stage): Promise<void> {
  if (stage.random.chance(0.5)) {
    await stage.kill();
    await stage.recover();
    return;
  }
  await stage.load.stop();
  await stage.audit();
}

export const POSTGRES_FAULTS: readonly Fault[] = [
  postgresKilled,
  killedWithPostgres,
  databaseLost,
  postgresFrozen,
  killedBesideFrozenPostgres,
];
