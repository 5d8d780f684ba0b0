import { ApiError, NetworkError } from './api';
import type { Key } from './i18n';

type Translate = (key: Key, params?: Record<string, string | number>) => string;

/** The text shown for a failed request. `known` maps statuses that mean something to the caller. */
export function describeError(
	error: unknown,
	t: Translate,
	known: Partial<Record<number, Key>> = {}
): string {
	if (error instanceof NetworkError) return t('error.network');
	if (!(error instanceof ApiError)) return t('error.server');
	const key = known[error.status];
	if (key) return t(key);
	if (error.status === 401) return t('auth.expired');
	if (error.status === 429) return t('error.rate');
	// The API explains what is wrong with the input; everything else is not for the user.
	if (error.status >= 400 && error.status < 500) return error.message;
	const text = t('error.server');
	return error.requestId ? `${text} ${t('error.reference', { id: error.requestId })}` : text;
}
