import Message from '@splunk/react-ui/Message';

import type { Said } from './outcomes';

/** What was just done, and what has come of it; screen readers say it. */
export function Notice({ text, title = '', kind = 'success', dismiss }: Partial<Said> & { text: string; dismiss: () => void }) {
    const isThere = text !== '' || title !== '';
    return (
        <div role="status" aria-live="polite" style={{ marginBottom: isThere ? 16 : 0 }}>
            {isThere && (
                <Message appearance="fill" type={kind} onRequestRemove={dismiss}>
                    {title && <Message.Title>{title}</Message.Title>}
                    {text}
                </Message>
            )}
        </div>
    );
}
