import Button from '@splunk/react-ui/Button';
import Modal from '@splunk/react-ui/Modal';
import { type ReactNode, useEffect, useRef, useState } from 'react';

import { Failure } from '../api/client';
import { NotDone } from './NotDone';

/** Asks before something is done, shows why it could not be, and gives the focus back. */
export function Confirm({
    title,
    verb,
    isDangerous = false,
    isReady = true,
    run,
    close,
    opener,
    children,
}: {
    title: string;
    /** On the button that does it. */
    verb: string;
    isDangerous?: boolean;
    /** Whether what is needed was entered. */
    isReady?: boolean;
    /** Does it; the dialog closes itself once that is done. */
    run: () => Promise<void>;
    close: () => void;
    /** What the dialog was opened with: it gets the focus back. */
    opener: HTMLElement | null;
    children: ReactNode;
}) {
    const [isRunning, setRunning] = useState(false);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const focus = useRef<HTMLElement | null>(opener);

    useEffect(
        () => () => {
            // The dialog is gone, and its place in the page would be lost. The button may be gone, or be another one.
            window.setTimeout(() => giveBack(focus.current));
        },
        []
    );

    const start = async (): Promise<void> => {
        setRunning(true);
        setFailure(undefined);
        try {
            await run();
            close();
        } catch (error) {
            setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
            setRunning(false);
        }
    };

    return (
        <Modal
            open
            initialFocus="container"
            returnFocus={() => giveBack(focus.current)}
            onRequestClose={() => {
                if (!isRunning) close();
            }}
            style={{ width: 'min(720px, 92vw)' }}
        >
            <Modal.Header title={title} />
            <Modal.Body>
                {children}
                {failure !== undefined && <NotDone failure={failure} looked={close} />}
            </Modal.Body>
            <Modal.Footer>
                <Button appearance="default" label="Cancel" disabled={isRunning} onClick={close} />
                <Button
                    appearance={isDangerous ? 'destructive' : 'primary'}
                    label={isRunning ? 'Working …' : verb}
                    disabled={isRunning || !isReady}
                    onClick={() => void start()}
                />
            </Modal.Footer>
        </Modal>
    );
}

function giveBack(opener: HTMLElement | null): void {
    const target = opener?.isConnected ? opener : document.querySelector<HTMLElement>('h1');
    target?.focus();
}
