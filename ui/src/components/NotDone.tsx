import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import { useState } from 'react';

import type { Failure } from '../api/client';
import { lookAgain } from '../live/again';

/** Why something was not done. Where nobody knows whether it was, people can look: what they have entered stays. */
export function NotDone({
    title,
    failure,
    looked,
}: {
    title?: string;
    failure: Failure;
    /** What the page shows is how things stand now. */
    looked: () => void;
}) {
    const [state, setState] = useState<'unseen' | 'looking' | 'unanswered'>('unseen');
    const look = async (): Promise<void> => {
        setState('looking');
        const isAnswered = await lookAgain();
        setState(isAnswered ? 'unseen' : 'unanswered');
        if (isAnswered) looked();
    };
    const isLooking = state === 'looking';
    return (
        <div role="alert">
            <Message appearance="fill" type="error">
                {title && <Message.Title>{title}</Message.Title>}
                {failure.message}{' '}
                {state === 'unanswered' && 'Part of this page could not be read just now. Look again in a moment. '}
                {failure.isUnknown && (
                    <Button
                        label={isLooking ? 'Looking …' : 'Look again'}
                        disabled={isLooking}
                        onClick={() => void look()}
                    />
                )}
                {failure.isSignedOut && <Button label="Sign in" onClick={() => window.location.reload()} />}
            </Message>
        </div>
    );
}
