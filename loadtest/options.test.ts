import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandOf } from './command-line.ts';
import { helpText, listText } from './help.ts';
import { OptionError } from './option-error.ts';
import { type LoadTestOptions, parseOptions } from './options.ts';
import { SCENARIOS } from './scenarios/all-scenarios.ts';
import { Parameters } from './scenarios/parameters.ts';

const parse = (...argv: string[]) => parseOptions(argv, SCENARIOS, {});

function run(...argv: string[]): LoadTestOptions {
  const request = parse(...argv);
  assert.equal(request.kind, 'run');
  return (request as { options: LoadTestOptions }).options;
}

test('without a name it is the tour', () => {
  assert.equal(run().scenario.name, 'tour');
  assert.equal(run('--durability', 'none').scenario.name, 'tour');
  assert.equal(run('steady-mix').scenario.name, 'steady-mix');
});

test('options are read, and what is not given has its default', () => {
  const { parameters, objectives, venue, outFolder } = run(
    ...['steady-mix', '--rate', '2500.5', '--encoding', 'json', '--slo', 'ack.p99<2ms'],
    ...['--slo', 'errors=0', '--shards', '2', '--durability', 'os', '--out', 'here'],
  );
  assert.equal(parameters.number('rate'), 2500.5);
  assert.equal(parameters.text('encoding'), 'json');
  assert.equal(parameters.number('connections'), 8);
  assert.deepEqual(
    objectives.map(({ text }) => text),
    ['ack.p99<2ms', 'errors=0'],
  );
  assert.deepEqual(venue, { shards: 2, durability: 'os' });
  assert.equal(outFolder, 'here');
});

test('a running venue is named by its addresses', () => {
  const { venue } = run('--url', 'http://h:1/', '--admin-url', 'http://h:2', '--admin-token', 't');
  assert.deepEqual(venue, { url: 'http://h:1', adminUrl: 'http://h:2', adminToken: 't' });
  assert.deepEqual(run('--url', 'http://localhost:1').venue, { url: 'http://localhost:1' });
});

test('a venue without an admin API is named by its keys and markets', () => {
  const { venue, parameters, objectives } = run(
    ...['steady-mix', '--url', 'https://api.h', '--ws-url', 'wss://ws.h', '--keys', 'k.json'],
    ...['--markets', 'SOL_USDC,BTC_USDC', '--slo', 'refused.ITS_OWN=0'],
  );
  const symbols = ['SOL_USDC', 'BTC_USDC'];
  assert.deepEqual(venue, {
    ...{ url: 'https://api.h', streamUrl: 'wss://ws.h', symbols, keysFile: 'k.json' },
  });
  assert.equal(parameters.number('markets'), 2);
  assert.equal(objectives.length, 1);
  const listening = run('market-data', '--url', 'http://h:1', '--markets', '3');
  assert.deepEqual(listening.venue, { url: 'http://h:1', isPublicOnly: true });
  assert.equal(listening.parameters.number('markets'), 3);
});

test('whatever is wrong is one line that names it', () => {
  for (const [argv, message] of [
    [['no-such'], /no scenario "no-such"; there are tour, steady-mix/],
    [['steady-mix', '--rate', '0'], /--rate must be a number from 0.1/],
    [['steady-mix', '--rate', '-5'], /'--rate' argument is ambiguous \(--help lists/],
    [['steady-mix', '--rate', 'fast'], /--rate .* not "fast"/],
    [['steady-mix', '--connections', '1.5'], /--connections must be a whole number/],
    [['steady-mix', '--generators', '3', '--connections', '2'], /--generators 3 need a connection/],
    [['steady-mix', '--encoding', 'xml'], /--encoding must be one of msgpack, json/],
    [['steady-mix', '--holdms', '5'], /Unknown option '--holdms' \(--help lists/],
    [['steady-mix', '--rate'], /argument missing/],
    [['steady-mix', 'twice'], /'twice'/],
    [['rest', '--rate', '5'], /Unknown option '--rate'/],
    [['recorded-day', '--speed', 'warp'], /--speed must be max or a number/],
    [['--slo', 'ack.p98<2ms'], /ack\.p98/],
    [['--slo', 'refused.BUZY=0'], /no refusal has the code BUZY/],
    [['--shards', '0'], /--shards must be a whole number from 1 to 64/],
    [['--durability', 'some'], /--durability must be one of/],
    [['--url', 'http://h:1'], /--url of another machine needs --admin-url, .*; or --keys/],
    [['--url', 'http://h:1', '--admin-token', 't'], /needs --admin-url/],
    [['--url', 'http://h:1', '--admin-url', 'http://h:2'], /--admin-token or --data-dir, since/],
    [['--admin-url', 'http://h:2'], /--admin-url is of a venue that runs: it needs --url/],
    [['--admin-token', 't'], /--admin-token .* needs --url/],
    [['--data-dir', 'data'], /--data-dir .* needs --url/],
    [['--database-url', 'postgres://h/d'], /--database-url .* needs --url/],
    [['market-data'], /market-data listens to what others trade: it needs --url/],
    [['--keys', 'k'], /--keys .* needs --url/],
    [['--markets', 'A_B'], /--markets with names is of a venue that runs: it needs --url/],
    [['--url', 'http://localhost:1', '--markets', 'A_B'], /it needs --keys/],
    [['rest', '--markets', '2'], /rest has no number of --markets/],
    [['--url', 'http://h:1', '--keys', 'k', '--admin-url', 'http://h:2'], /--keys of one without/],
    [['--url', 'http://h:1', '--ws-url', 'http://h:2'], /--ws-url must be like ws:/],
    [['--url', 'nowhere'], /--url must be like http/],
    [['--url', 'http://h:1', '--shards', '2'], /not for --url/],
  ] as const) {
    assert.throws(
      () => parse(...argv),
      (error: Error) => {
        assert.ok(error instanceof OptionError, argv.join(' '));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  }
});

test('list and help name every scenario, and every parameter with its default', () => {
  assert.equal(parse('--list').kind, 'list');
  assert.equal(parse('steady-mix', '--help').kind, 'help');
  const help = helpText(SCENARIOS);
  for (const { name, parameters } of SCENARIOS) {
    assert.ok(listText(SCENARIOS).includes(name));
    for (const [option, spec] of Object.entries(parameters)) {
      assert.ok(help.includes(`--${option}`) && help.includes(`(${spec.default})`));
    }
  }
});

test('every default is a value that could have been given', () => {
  for (const { parameters } of SCENARIOS) {
    const given = Object.entries(parameters).map(([name, spec]) => [name, String(spec.default)]);
    const read = Parameters.read(parameters, Object.fromEntries(given) as Record<string, string>);
    assert.deepEqual(read.all, Parameters.read(parameters, {}).all);
  }
});

test('the command that runs a scenario again reads as it ran', () => {
  const options = run(
    ...['fan-out', '--subscribers', '7', '--rate', '12.5', '--durability', 'none'],
    ...['--slo', 'errors=0'],
  );
  const { name } = options.scenario;
  const command = commandOf({ name, parameters: options.parameters.all }, SCENARIOS, options);
  assert.equal(
    command,
    `make loadtest SCENARIO=fan-out ARGS="--rate 12.5 --subscribers 7 --slo 'errors=0' --durability none"`,
  );
  const part = run('reach', '--rate', '7000');
  assert.equal(
    commandOf({ name: 'reach-punctual', parameters: part.parameters.all }, SCENARIOS, part),
    'make loadtest SCENARIO=reach ARGS="--rate 7000"',
  );
  const plain = run('soak');
  assert.equal(
    commandOf({ name: 'soak', parameters: plain.parameters.all }, SCENARIOS, plain),
    'make loadtest SCENARIO=soak',
  );
});
