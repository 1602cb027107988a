import Button from '@splunk/react-ui/Button';
import { useState } from 'react';

import type { KeptList } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { Level } from '../../components/Level';

/** Saves the list as a CSV file on the computer of whoever looks. */
export function Export({ list }: { list: KeptList }) {
    const [failure, setFailure] = useState('');
    const save = async (): Promise<void> => {
        setFailure('');
        try {
            const { name, text } = await read('list_export', { list: list.lookup });
            const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
            const link = document.createElement('a');
            link.href = address;
            link.download = name;
            link.click();
            window.setTimeout(() => URL.revokeObjectURL(address), 1000);
        } catch (error) {
            setFailure(error instanceof Failure ? error.message : String(error));
        }
    };
    return (
        <>
            {failure && (
                <span role="alert">
                    <Level level="red" text={`Not exported: ${failure}`} />
                </span>
            )}
            <Button label="Export CSV" onClick={() => void save()} />
        </>
    );
}
