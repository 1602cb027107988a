import Button from '@splunk/react-ui/Button';
import { type ReactNode, useState } from 'react';

import { Failure } from '../../api/client';
import { Row } from '../../components/layout';
import { NotDone } from '../../components/NotDone';

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
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const start = async (): Promise<void> => {
        setRunning(true);
        setFailure(undefined);
        setSaid(undefined);
        try {
            setSaid(await run());
        } catch (error) {
            setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
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
                <div style={{ marginTop: 8 }}>
                    <NotDone failure={failure} looked={() => setFailure(undefined)} />
                </div>
            )}
        </div>
    );
}
