import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFights, type Write } from '../../../webhook/controller/limits/fights.ts'

const WRITE: Write = { namespace: 'team', object: 'IngressRoute shop', content: 'a' }

/** How often it is written until then, by somebody who tries whenever he may and has it undone at once. */
function writesUntil(end: number, contentAt: (count: number) => string = () => 'a'): number {
  const fights = createFights()
  let count = 0
  for (let now = 0; now <= end; now += 100) {
    const write = { ...WRITE, content: contentAt(count) }
    if (fights.wait(write, now) > 0) continue
    fights.done(write, now)
    count += 1
  }
  return count
}

for (const { name, seconds, contentAt, most, least } of [
  { name: 'the same again and again', seconds: 20, most: 10, least: 5 },
  { name: 'the same for an hour', seconds: 3600, most: 25, least: 15 },
  {
    name: 'there and back again',
    seconds: 20,
    contentAt: (count: number) => String(count % 2),
    most: 12,
    least: 6,
  },
  {
    name: 'something else each time',
    seconds: 60,
    contentAt: String,
    most: 131,
    least: 100,
  },
]) {
  test(`${name}: at most ${most} writes in ${seconds} s`, () => {
    const count = writesUntil(seconds * 1000, contentAt)
    assert.ok(count <= most && count >= least, `${count} writes`)
  })
}

test('a fight that has been quiet for ten minutes is over', () => {
  const fights = createFights()
  for (let now = 0; now < 10; now += 1) fights.done(WRITE, now)
  assert.ok(fights.wait(WRITE, 10) > 0)
  assert.equal(fights.isNews(WRITE), true)
  assert.equal(fights.isNews(WRITE), false)
  assert.equal(fights.wait(WRITE, 601_000), 0)
})

test('a fight over one object holds up no other, and nothing new on the same', () => {
  const fights = createFights()
  for (let now = 0; now < 10; now += 1) fights.done(WRITE, now)
  assert.equal(fights.wait({ ...WRITE, object: 'IngressRoute other' }, 10), 0)
  assert.equal(fights.wait({ ...WRITE, namespace: 'other' }, 10), 0)
  assert.equal(fights.wait({ ...WRITE, content: 'b' }, 10), 0)
})
