/** What a page says where it has nothing to show, or could not be told. */
import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Message from '@splunk/react-ui/Message';
import WaitSpinner from '@splunk/react-ui/WaitSpinner';
import type { ReactNode } from 'react';
import styled from 'styled-components';

import type { Failure } from '../api/client';
import { Code, Panel } from './layout';

const Middle = styled.div`
    display: flex;
    flex-direction: column;
    gap: 12px;
    align-items: center;
    justify-content: center;
    min-height: 320px;
    text-align: center;
`;

export function Loading({ what }: { what: string }) {
    return (
        <Middle>
            <WaitSpinner size="medium" screenReaderText={null} />
            <span role="status">Loading {what}</span>
        </Middle>
    );
}

/** Nothing is there: why that is, and what to do. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
    return (
        <Panel>
            <Middle>
                <Heading level={2}>{title}</Heading>
                <div>{children}</div>
            </Middle>
        </Panel>
    );
}

/** `what` could not be read. `isStale`: what is shown below is from before. */
export function Failed({
    what,
    failure,
    retry,
    isStale,
}: {
    what: string;
    failure: Failure;
    retry: () => Promise<void>;
    isStale: boolean;
}) {
    if (failure.isForbidden) return <Refused failure={failure} />;
    return (
        <div role="alert">
            <Message appearance="fill" type={isStale ? 'warning' : 'error'}>
                <Message.Title>
                    {isStale ? `${what} may have changed since` : `${what} could not be read`}
                </Message.Title>
                {failure.message}{' '}
                {failure.isSignedOut ? (
                    <Button label="Sign in" onClick={() => window.location.reload()} />
                ) : (
                    <Button label="Try again" onClick={() => void retry()} />
                )}
            </Message>
        </div>
    );
}

function Refused({ failure }: { failure: Failure }) {
    return (
        <Empty title="This page is for analysts and administrators">
            <p>
                Your roles do not let you see what was found and what was done about it. Ask an administrator of Splunk
                for the role <Code>cloudtrail_responder_analyst</Code>.
            </p>
            <p>Alerts that you own keep handing over their findings; you do not need this page for that.</p>
            <p>
                <Code>{failure.message}</Code>
            </p>
        </Empty>
    );
}
