import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowLines } from './flow-lines.ts';

function linesOf(pieces: readonly string[]): string[] {
  const found: string[] = [];
  const lines = new FlowLines((line, lineNumber) => found.push(`${lineNumber}:${line}`));
  for (const piece of pieces) lines.add(piece);
  lines.end();
  return found;
}

test('lines are the same wherever the text is cut, and however they end', () => {
  for (const ending of ['\n', '\r\n', '\r']) {
    for (const tail of ['', ending, ending + ending, `${ending} \t${ending}${ending}`]) {
      const text = `\u00ef\u00bb\u00bfone${ending}two${ending}3${tail}`;
      const expected = ['1:one', '2:two', '3:3'];
      for (let at = 0; at <= text.length; at++) {
        assert.deepEqual(linesOf([text.slice(0, at), text.slice(at)]), expected);
      }
      assert.deepEqual(linesOf([...text]), expected);
    }
  }
});

test('kinds of line ends may be mixed', () => {
  assert.deepEqual(linesOf(['a\rb\r\nc\nd']), ['1:a', '2:b', '3:c', '4:d']);
});

test('a text without a line has none', () => {
  for (const text of ['', '\n', '\r\n\r\n', '\u00ef\u00bb\u00bf', ' \n']) {
    assert.deepEqual(linesOf([text]), []);
  }
});

test('a blank line with another after it is an error that names the first blank one', () => {
  assert.throws(() => linesOf(['a\n\n', '\nb']), /^SyntaxError: line 2: blank$/);
  assert.throws(() => linesOf(['\na']), /^SyntaxError: line 1: blank$/);
});

test('what never ends a line is refused before it fills the memory', () => {
  const lines = new FlowLines(() => {});
  lines.add('a\n');
  assert.throws(() => {
    for (let piece = 0; piece < 1_000; piece++) lines.add('x'.repeat(100));
  }, /^SyntaxError: line 2: longer than 1000 characters$/);
});
