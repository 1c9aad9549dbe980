// The template escapes whatever is put into it, in content and in attributes, and takes over only what is markup already.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { html, trusted } from '../../../../src/evaluation/report/html.ts';

it('escapes content and attributes', () => {
  expect(html`<a title="${'"x"'}">${"<b> & 'c'"}</a>`.text).toBe(
    '<a title="&quot;x&quot;">&lt;b&gt; &amp; &#39;c&#39;</a>',
  );
});

it('takes over markup, joins lists, leaves out null', () => {
  expect(html`<ul>${['a<', 'b'].map((text) => html`<li>${text}</li>`)}</ul>${null}${trusted('<svg/>')}${0}`.text).toBe(
    '<ul><li>a&lt;</li><li>b</li></ul><svg/>0',
  );
});

it('lets no text open a tag or close an attribute', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const inner = html`${text}`.text;
      expect(inner).not.toMatch(/[<>"']/);
      const back = inner.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] as string);
      expect(back).toBe(text);
    }),
  );
});

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
