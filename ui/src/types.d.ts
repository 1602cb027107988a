declare module '@splunk/react-page/18' {
    import type { ReactElement } from 'react';

    export default function layout(
        page: ReactElement,
        options?: { pageTitle?: string; theme?: string; hideFooter?: boolean; layout?: 'scrolling' | 'fixed' }
    ): void;
}
