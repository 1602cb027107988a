import Button from '@splunk/react-ui/Button';
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Message from '@splunk/react-ui/Message';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import { CHECKS } from '../../api/checks';
import { Failure, saveEntry, type Table } from '../../api/client';

export interface EntryField {
    name: string;
    label: string;
    help?: string;
    isSecret?: boolean;
    isRequired?: boolean;
    /** What it has until somebody changes it. */
    value?: string;
    /** Value and label of what can be chosen. */
    options?: [string, string][];
    /** Whether it is asked for, by what was entered so far. */
    isShown?: (values: Record<string, string>) => boolean;
}

/** A new entry of the setup page, with the fields that nobody can do without. It is tested as it is saved. */
export function EntryForm({
    table,
    verb,
    fields,
    saved,
}: {
    table: Table;
    verb: string;
    fields: EntryField[];
    saved: (name: string) => Promise<void>;
}) {
    const first = Object.fromEntries(fields.map((field) => [field.name, field.value ?? '']));
    const [values, setValues] = useState<Record<string, string>>(first);
    const [isSaving, setSaving] = useState(false);
    const [failure, setFailure] = useState('');
    const [isTried, setTried] = useState(false);
    const shown = fields.filter((field) => field.isShown?.(values) ?? true);
    const isReady = shown.every((field) => !field.isRequired || (values[field.name] ?? '').trim() !== '');
    const problems = new Map(shown.map(({ name }) => [name, problemOf(table, name, (values[name] ?? '').trim())]));
    const save = async (): Promise<void> => {
        setFailure('');
        setTried(true);
        if ([...problems.values()].some(Boolean)) return;
        setSaving(true);
        const entered = shown.map((field) => [field.name, (values[field.name] ?? '').trim()] as const);
        try {
            await saveEntry(table, Object.fromEntries(entered.filter(([, value]) => value !== '')));
            await saved(values.name ?? '');
            // A further one has another name.
            setValues({ ...first, name: '' });
            setTried(false);
        } catch (error) {
            setFailure(error instanceof Failure ? error.message : String(error));
        } finally {
            setSaving(false);
        }
    };
    return (
        <form
            aria-label={verb}
            autoComplete="off"
            onSubmit={(event) => {
                event.preventDefault();
                if (isReady && !isSaving) void save();
            }}
            style={{ maxWidth: 720 }}
        >
            {shown.map((field) => (
                <Field
                    key={field.name}
                    field={field}
                    value={values[field.name] ?? ''}
                    problem={isTried ? (problems.get(field.name) ?? '') : ''}
                    set={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
                />
            ))}
            {failure && (
                <div role="alert">
                    <Message appearance="fill" type="error">
                        {failure}
                    </Message>
                </div>
            )}
            <Button
                appearance="primary"
                type="submit"
                label={isSaving ? 'Testing and saving …' : verb}
                disabled={isSaving || !isReady}
            />
        </form>
    );
}

function Field({
    field,
    value,
    problem,
    set,
}: {
    field: EntryField;
    value: string;
    /** What is wrong with it; empty for nothing. */
    problem: string;
    set: (value: string) => void;
}) {
    const isWrong = problem !== '';
    return (
        <ControlGroup
            label={field.label}
            required={field.isRequired ?? false}
            error={isWrong && problem}
            {...(field.help === undefined ? {} : { help: field.help })}
        >
            {field.options ? (
                <Select value={value} error={isWrong} onChange={(_, { value: chosen }) => set(String(chosen))}>
                    {field.options.map(([name, label]) => (
                        <Select.Option key={name} value={name} label={label} />
                    ))}
                </Select>
            ) : (
                <Text
                    type={field.isSecret ? 'password' : 'text'}
                    autoComplete="off"
                    value={value}
                    error={isWrong}
                    onChange={(_, { value: typed }) => set(typed)}
                />
            )}
        </ControlGroup>
    );
}

/** What is wrong with a value by the rules of the setup page, which answers with the pattern only; empty for nothing. */
export function problemOf(table: Table, field: string, value: string): string {
    if (!value) return '';
    return CHECKS[table]?.[field]?.find(([pattern]) => !new RegExp(pattern).test(value))?.[1] ?? '';
}
