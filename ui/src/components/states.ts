const STATES: Record<string, string> = {
    recorded: 'About to begin',
    sending: 'Being worked on',
    unknown: 'Being looked up: an answer was lost',
    done: 'Done',
    refused: 'Refused',
    failed: 'Failed',
    busy: 'It continues in about a minute',
    unread: 'It continues in about a minute',
};
const WAITS: Record<string, string> = {
    person: 'Waits for a person to correct something',
    approval: 'Waits for approval',
    time: 'Scheduled',
    service: 'Waits for the service',
};

/** How a task stands, in words. */
export function stateOf(task: { state: string; waiting_for: string }): string {
    return task.state === 'waiting' ? (WAITS[task.waiting_for] ?? 'Waits') : (STATES[task.state] ?? task.state);
}
