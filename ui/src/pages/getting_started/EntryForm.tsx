import Button from '@splunk/react-ui/Button';
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import { CHECKS } from '../../api/checks';
import { Failure, saveEntry, type Table } from '../../api/client';
import { Row } from '../../components/layout';
import { NotDone } from '../../components/NotDone';

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
    names,
    saved,
}: {
    table: Table;
    verb: string;
    fields: EntryField[];
    /** Of the entries that are there. */
    names: string[];
    saved: (name: string) => Promise<void>;
}) {
    const first = Object.fromEntries(fields.map((field) => [field.name, field.value ?? '']));
    const [values, setValues] = useState<Record<string, string>>(first);
    const [isSaving, setSaving] = useState(false);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    /** The name of an entry that was looked for, since nobody knew whether it was saved. */
    const [sought, setSought] = useState('');
    const [isTried, setTried] = useState(false);
    const shown = fields.filter((field) => field.isShown?.(values) ?? true);
    const isReady = shown.every((field) => !field.isRequired || (values[field.name] ?? '').trim() !== '');
    const problems = new Map(shown.map(({ name }) => [name, problemOf(table, name, (values[name] ?? '').trim())]));
    if (names.includes((values.name ?? '').trim())) problems.set('name', 'There is an entry of this name already.');
    const begin = (): void => {
        // A further one has another name.
        setValues({ ...first, name: '' });
        setTried(false);
        setSought('');
    };
    const save = async (): Promise<void> => {
        setFailure(undefined);
        setSought('');
        setTried(true);
        if ([...problems.values()].some(Boolean)) return;
        setSaving(true);
        const entered = shown.map((field) => [field.name, (values[field.name] ?? '').trim()] as const);
        try {
            await saveEntry(table, Object.fromEntries(entered.filter(([, value]) => value !== '')));
            await saved(values.name ?? '');
            begin();
        } catch (error) {
            setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
        } finally {
            setSaving(false);
        }
    };
    if (sought && names.includes(sought)) {
        return (
            <Row>
                <span role="status">The entry {sought} is saved.</span>
                <Button label="Add another" onClick={begin} />
            </Row>
        );
    }
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
                <NotDone
                    failure={failure}
                    looked={() => {
                        setFailure(undefined);
                        setSought((values.name ?? '').trim());
                    }}
                />
            )}
            {sought && <p role="status">There is no entry {sought} yet. You can save it again.</p>}
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
