import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import { Component, type ReactNode } from 'react';

/** A fault of ours in one part of a page: it says so, and the rest of Splunk's frame stays. */
export class Boundary extends Component<{ children: ReactNode }, { fault: Error | undefined }> {
    override state: { fault: Error | undefined } = { fault: undefined };

    static getDerivedStateFromError(fault: Error): { fault: Error } {
        return { fault };
    }

    override render(): ReactNode {
        const { fault } = this.state;
        if (!fault) return this.props.children;
        return (
            <Message appearance="fill" type="error">
                <Message.Title>This page has stopped</Message.Title>
                This is a fault of the app, not of yours: {fault.message}. Nothing was changed by it.{' '}
                <Button label="Reload the page" onClick={() => window.location.reload()} />
            </Message>
        );
    }
}
