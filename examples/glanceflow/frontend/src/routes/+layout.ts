export const prerender = true;
/** /login becomes login/index.html, which every static file server finds without rules. */
export const trailingSlash = 'always';
