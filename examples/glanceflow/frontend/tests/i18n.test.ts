import { describe, expect, it } from 'vitest';
import { pickLocale, translate } from '../src/lib/i18n';

describe('i18n', () => {
	it('picks the first supported language', () => {
		expect(pickLocale(['de-DE', 'ja-JP', 'en'])).toBe('ja');
		expect(pickLocale(['en-GB', 'ja'])).toBe('en');
		expect(pickLocale(['fr'])).toBe('en');
		expect(pickLocale([])).toBe('en');
	});

	it('fills in parameters', () => {
		expect(translate('en', 'compose.left', { n: 5 })).toBe('5 characters left');
		expect(translate('ja', 'compose.left', { n: 5 })).toBe('残り 5 文字');
	});
});
