import { derived, writable } from 'svelte/store';

const en = {
	'app.tagline': 'What is your team up to?',
	'app.loading': 'Loading…',
	'app.noscript': 'glanceflow needs JavaScript.',
	'app.skip': 'Skip to content',
	'app.misconfigured': 'This site is not configured correctly.',
	'nav.label': 'Main',
	'nav.timeline': 'Timeline',
	'nav.settings': 'Settings',
	'nav.login': 'Log in',
	'nav.logout': 'Log out',
	'auth.login': 'Log in',
	'auth.register': 'Create account',
	'auth.toRegister': 'New here? Create an account',
	'auth.toLogin': 'Already registered? Log in',
	'auth.email': 'E-mail address',
	'auth.password': 'Password',
	'auth.passwordHint': 'At least {min} characters.',
	'auth.displayName': 'Display name',
	'auth.expired': 'Your session has ended. Please log in again.',
	'auth.wrong': 'The e-mail address or the password is wrong.',
	'auth.taken': 'There already is an account with this e-mail address.',
	'compose.title': 'New status',
	'compose.body': 'What are you doing?',
	'compose.mood': 'Mood',
	'compose.send': 'Share',
	'compose.sent': 'Shared.',
	'compose.left': '{n} characters left',
	'mood.available': 'Available',
	'mood.focused': 'Focused',
	'mood.busy': 'Busy',
	'mood.away': 'Away',
	'mood.off': 'Off',
	'status.edit': 'Edit',
	'status.delete': 'Delete',
	'status.confirmDelete': 'Delete this status?',
	'status.save': 'Save',
	'status.cancel': 'Cancel',
	'status.edited': 'edited',
	'status.until': 'until {time}',
	'status.you': 'you',
	'timeline.title': 'Timeline',
	'timeline.empty': 'Nobody has shared a status yet.',
	'timeline.more': 'Show older',
	'timeline.new': 'New status from {name}',
	'feed.connecting': 'Connecting…',
	'feed.live': 'Live',
	'feed.waiting': 'Reconnecting…',
	'feed.offline': 'Offline',
	'feed.stopped': 'Not connected',
	'settings.title': 'Settings',
	'settings.account': 'Account',
	'settings.timezone': 'Time zone',
	'settings.timezoneHint': 'A name such as Europe/Berlin or Asia/Tokyo.',
	'settings.ttl': 'A status expires after (minutes)',
	'settings.save': 'Save',
	'settings.saved': 'Saved.',
	'error.network': 'The server does not answer. Check your connection and try again.',
	'error.rate': 'Too many attempts. Please wait a moment.',
	'error.server': 'Something went wrong on the server. Please try again.',
	'error.retry': 'Try again',
	'error.title': 'Something went wrong',
	'error.reference': 'Reference: {id}'
};

export type Key = keyof typeof en;
export type Locale = 'en' | 'ja';

const ja: Record<Key, string> = {
	'app.tagline': 'チームの「いま」をひと目で',
	'app.loading': '読み込み中…',
	'app.noscript': 'glanceflow には JavaScript が必要です。',
	'app.skip': '本文へ移動',
	'app.misconfigured': 'このサイトの設定に誤りがあります。',
	'nav.label': 'メイン',
	'nav.timeline': 'タイムライン',
	'nav.settings': '設定',
	'nav.login': 'ログイン',
	'nav.logout': 'ログアウト',
	'auth.login': 'ログイン',
	'auth.register': 'アカウントを作成',
	'auth.toRegister': 'はじめての方はアカウントを作成',
	'auth.toLogin': '登録済みの方はログイン',
	'auth.email': 'メールアドレス',
	'auth.password': 'パスワード',
	'auth.passwordHint': '{min} 文字以上で入力してください。',
	'auth.displayName': '表示名',
	'auth.expired': 'セッションが終了しました。もう一度ログインしてください。',
	'auth.wrong': 'メールアドレスまたはパスワードが違います。',
	'auth.taken': 'このメールアドレスはすでに登録されています。',
	'compose.title': '新しいステータス',
	'compose.body': 'いま何をしていますか?',
	'compose.mood': '状態',
	'compose.send': '共有',
	'compose.sent': '共有しました。',
	'compose.left': '残り {n} 文字',
	'mood.available': '対応可能',
	'mood.focused': '集中',
	'mood.busy': '取り込み中',
	'mood.away': '離席',
	'mood.off': '不在',
	'status.edit': '編集',
	'status.delete': '削除',
	'status.confirmDelete': 'このステータスを削除しますか?',
	'status.save': '保存',
	'status.cancel': 'キャンセル',
	'status.edited': '編集済み',
	'status.until': '{time} まで',
	'status.you': '自分',
	'timeline.title': 'タイムライン',
	'timeline.empty': 'まだステータスがありません。',
	'timeline.more': '以前のものを表示',
	'timeline.new': '{name} さんの新しいステータス',
	'feed.connecting': '接続中…',
	'feed.live': 'ライブ',
	'feed.waiting': '再接続中…',
	'feed.offline': 'オフライン',
	'feed.stopped': '未接続',
	'settings.title': '設定',
	'settings.account': 'アカウント',
	'settings.timezone': 'タイムゾーン',
	'settings.timezoneHint': 'Asia/Tokyo や Europe/Berlin のような名前です。',
	'settings.ttl': 'ステータスの有効期間(分)',
	'settings.save': '保存',
	'settings.saved': '保存しました。',
	'error.network': 'サーバーから応答がありません。接続を確認して、もう一度お試しください。',
	'error.rate': '試行回数が多すぎます。しばらくお待ちください。',
	'error.server': 'サーバーで問題が発生しました。もう一度お試しください。',
	'error.retry': '再試行',
	'error.title': '問題が発生しました',
	'error.reference': '照会番号: {id}'
};

const dictionaries: Record<Locale, Record<Key, string>> = { en, ja };

/** The first language of the browser that there is a dictionary for. */
export function pickLocale(languages: readonly string[]): Locale {
	for (const language of languages) {
		const primary = language.toLowerCase().split('-')[0];
		if (primary === 'ja' || primary === 'en') return primary;
	}
	return 'en';
}

export function translate(
	locale: Locale,
	key: Key,
	params: Record<string, string | number> = {}
): string {
	return dictionaries[locale][key].replace(/\{(\w+)\}/g, (all, name: string) =>
		name in params ? String(params[name]) : all
	);
}

export function hasKey(key: string): key is Key {
	return Object.hasOwn(en, key);
}

/** English while prerendering and hydrating; the browser's language afterwards. */
export const locale = writable<Locale>('en');

export const t = derived(
	locale,
	($locale) => (key: Key, params?: Record<string, string | number>) =>
		translate($locale, key, params)
);
