import Message from '@splunk/react-ui/Message';

/** What was just done; screen readers say it. */
export function Notice({ text, dismiss }: { text: string; dismiss: () => void }) {
    return (
        <div role="status" aria-live="polite" style={{ marginBottom: text ? 16 : 0 }}>
            {text && (
                <Message appearance="fill" type="success" onRequestRemove={dismiss}>
                    {text}
                </Message>
            )}
        </div>
    );
}
