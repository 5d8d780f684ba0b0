/** Written to 404.html, the page static file servers show for unknown paths. */
export const trailingSlash = 'never';
/** Plain HTML: it is shown below arbitrary URLs, where the router has no business. */
export const csr = false;
