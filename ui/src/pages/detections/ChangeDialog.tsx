/** Asks before detections are switched on or off, or answered otherwise. Splunk decides whether somebody may. */
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Select from '@splunk/react-ui/Select';
import { useState } from 'react';

import type { DetectionRow, Detections, DetectionsChanged } from '../../api/answers';
import { act, Failure } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { packsThatLose, runsOf, runsWith } from './rows';

export interface Opened {
    kind: 'on' | 'off' | 'response';
    all: Detections;
    rows: DetectionRow[];
    opener: HTMLElement;
}
interface Ends {
    close: () => void;
    done: (notice: string) => void;
}

const REMEDIATE = 'responder_remediate';
/** Titles that a dialog lists; of more it gives the number. */
const LISTED = 8;

export function ChangeDialog({ opened, ...ends }: { opened: Opened | undefined } & Ends) {
    if (!opened) return null;
    return opened.kind === 'response' ? (
        <ResponseDialog {...opened} {...ends} />
    ) : (
        <SwitchDialog {...opened} isOn={opened.kind === 'on'} {...ends} />
    );
}

function SwitchDialog({ isOn, all, rows, opener, close, done }: Opened & { isOn: boolean } & Ends) {
    const changing = rows.filter((row) => row.is_on !== isOn || (isOn && row.baseline === 'off'));
    const now = runsOf(all.detections);
    const after = isOn
        ? runsWith(all.detections, rows.map((row) => row.detection))
        : runsOf(all.detections.filter((row) => !rows.includes(row)));
    const losing = isOn ? [] : packsThatLose(all, rows);
    const silent = isOn ? rows.filter((row) => row.actions.length === 0) : [];
    return (
        <Confirm
            title={`Switch ${count(rows.length)} ${isOn ? 'on' : 'off'}`}
            verb={isOn ? 'Switch on' : 'Switch off'}
            isDangerous={!isOn}
            opener={opener}
            close={close}
            run={() => change(rows, { on: isOn }, isOn ? 'on' : 'off', done)}
        >
            <Titles rows={rows} />
            <p>
                {changing.length < rows.length &&
                    `${rows.length - changing.length} of them ${isOn ? 'are on' : 'are off'} already. `}
                The search head will start {after} scheduled searches an hour instead of {now}, those of baselines
                included.
            </p>
            {silent.length > 0 && (
                <p>
                    {silent.length === 1 && rows.length === 1 ? 'It has' : `${silent.length} of them have`} no response:
                    findings show under Activity &gt; Triggered Alerts only. Choose one with <i>Change response</i>.
                </p>
            )}
            {losing.length > 0 && (
                <p>
                    Other packs that are on have some of these, too, and lose them:{' '}
                    {losing.map((pack) => `${pack.title} (${pack.number})`).join(', ')}.
                </p>
            )}
            {!isOn && <p>What they would find from now on goes unnoticed. Open cases stay as they are.</p>}
        </Confirm>
    );
}

function ResponseDialog({ all, rows, opener, close, done }: Opened & Ends) {
    const [wanted, setWanted] = useState<Record<string, string>>({});
    const set = (action: string, value: string) => setWanted((before) => ({ ...before, [action]: value }));
    const chosen = Object.entries(wanted).filter(([, value]) => value);
    return (
        <Confirm
            title={`Change the response of ${count(rows.length)}`}
            verb="Change"
            isReady={chosen.length > 0}
            opener={opener}
            close={close}
            run={() => change(rows, { actions: Object.fromEntries(chosen.map(asked)) }, 'changed', done)}
        >
            <Titles rows={rows} />
            {all.actions.map((one) => {
                const have = rows.filter((row) => row.actions.some((other) => other.action === one.action)).length;
                return (
                    <ControlGroup key={one.action} label={one.label} help={`${have} of ${rows.length} have it.`}>
                        <Select value={wanted[one.action] ?? ''} onChange={(_, { value }) => set(one.action, String(value))}>
                            {options(one.action).map(([value, label]) => (
                                <Select.Option key={value} value={value} label={label} />
                            ))}
                        </Select>
                    </ControlGroup>
                );
            })}
            <p>
                Actions of other apps, and other settings of these actions, stay as they are. No mode goes beyond the ceilings on
                the page <i>Playbooks</i>.
            </p>
        </Confirm>
    );
}

function options(action: string): [string, string][] {
    const added: [string, string][] =
        action === REMEDIATE
            ? [
                  ['default', 'On, in the default mode'],
                  ['simulate', 'On: simulate'],
                  ['approve', 'On: approve'],
                  ['enforce', 'On: enforce'],
              ]
            : [['add', 'On']];
    return [['', 'Leave as it is'], ...added, ['remove', 'Off']];
}

function asked([action, value]: [string, string]): [string, unknown] {
    if (value === 'remove') return [action, false];
    if (action !== REMEDIATE) return [action, true];
    return [action, { mode: value === 'default' ? '' : value }];
}

function count(number: number): string {
    return number === 1 ? 'one detection' : `${number} detections`;
}

function Titles({ rows }: { rows: DetectionRow[] }) {
    return (
        <ul>
            {rows.slice(0, LISTED).map((row) => (
                <li key={row.detection}>{row.title}</li>
            ))}
            {rows.length > LISTED && <li>and {rows.length - LISTED} more</li>}
        </ul>
    );
}

async function change(
    rows: DetectionRow[],
    body: Record<string, unknown>,
    word: string,
    done: (notice: string) => void
): Promise<void> {
    const answer = await act('detections_change', { detections: rows.map((row) => row.detection), ...body });
    const { changed, unchanged, refused } = answer as DetectionsChanged;
    const said = `${count(changed.length)} ${word}${unchanged.length ? `; ${unchanged.length} needed no change` : ''}.`;
    const first = refused[0];
    if (first) {
        // Those that were changed are shown as they are now.
        done('');
        throw new Failure(`${said} ${refused.length} refused: ${first.detection}: ${first.why}`, 409);
    }
    done(said.charAt(0).toUpperCase() + said.slice(1));
}
