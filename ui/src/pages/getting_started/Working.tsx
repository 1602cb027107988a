import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import { type ReactNode, useState } from 'react';

import { Failure } from '../../api/client';
import { Row } from '../../components/layout';

/** A button that does something which takes a while, and what came of it. `run` gives what to say. */
export function Working({
    label,
    busy,
    isReady = true,
    run,
    children,
}: {
    label: string;
    busy: string;
    isReady?: boolean;
    run: () => Promise<ReactNode>;
    children?: ReactNode;
}) {
    const [isRunning, setRunning] = useState(false);
    const [said, setSaid] = useState<ReactNode>(undefined);
    const [failure, setFailure] = useState('');
    const start = async (): Promise<void> => {
        setRunning(true);
        setFailure('');
        setSaid(undefined);
        try {
            setSaid(await run());
        } catch (error) {
            setFailure(error instanceof Failure ? error.message : String(error));
        } finally {
            setRunning(false);
        }
    };
    return (
        <div>
            <Row>
                <Button label={isRunning ? busy : label} disabled={isRunning || !isReady} onClick={() => void start()} />
                {children}
                <span role="status">{said}</span>
            </Row>
            {failure && (
                <div role="alert" style={{ marginTop: 8 }}>
                    <Message appearance="fill" type="error">
                        {failure}
                    </Message>
                </div>
            )}
        </div>
    );
}
