export const load = () => ({ title: 'nav.login' });
