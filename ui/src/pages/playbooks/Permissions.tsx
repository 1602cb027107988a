import Button from '@splunk/react-ui/Button';
import ComboBox from '@splunk/react-ui/ComboBox';
import Message from '@splunk/react-ui/Message';
import { useState } from 'react';

import type { Playbooks, Readiness } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { Row } from '../../components/layout';

/** An account that was asked about. */
export interface Column {
    account: string;
    cells: Readiness[];
}

interface Asked {
    columns: Column[];
    /** The account that is being asked about; empty for none. */
    running: string;
    failure: string;
    ask: (account: string) => Promise<void>;
}

/** What AWS allows in accounts, asked one by one: each takes some hundred questions to IAM. */
export function usePermissions(): Asked {
    const [columns, setColumns] = useState<Column[]>([]);
    const [running, setRunning] = useState('');
    const [failure, setFailure] = useState('');
    const ask = async (account: string): Promise<void> => {
        setRunning(account);
        setFailure('');
        try {
            const { cells } = await read('preflight', { accounts: [account] });
            setColumns((before) => [...before.filter((one) => one.account !== account), { account, cells }]);
        } catch (error) {
            setFailure(error instanceof Failure ? error.message : String(error));
        } finally {
            setRunning('');
        }
    };
    return { columns, running, failure, ask };
}

export function Permissions({ all, permissions }: { all: Playbooks; permissions: Asked }) {
    const known = [...new Set(all.accounts.flatMap((entry) => entry.accounts))];
    const [account, setAccount] = useState(known[0] ?? '');
    const isId = /^\d{12}$/.test(account.trim());
    return (
        <div>
            <Row role="group" aria-label="Permissions">
                <ComboBox
                    aria-label="AWS account ID"
                    placeholder="AWS account ID"
                    value={account}
                    onChange={(_, { value }) => setAccount(value)}
                    style={{ width: 170 }}
                >
                    {known.map((id) => (
                        <ComboBox.Option key={id} value={id} />
                    ))}
                </ComboBox>
                <Button
                    label={permissions.running ? 'Checking …' : 'Check permissions'}
                    disabled={!isId || permissions.running !== ''}
                    onClick={() => void permissions.ask(account.trim())}
                />
            </Row>
            {permissions.failure && (
                <div role="alert">
                    <Message appearance="fill" type="error">
                        {permissions.failure}
                    </Message>
                </div>
            )}
        </div>
    );
}
