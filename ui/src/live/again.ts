/** What the page asks, so that people who want to know how things stand can have all of it asked again. */
const questions = new Set<() => Promise<boolean>>();

/** Has a question asked whenever somebody looks again; `ask` says whether it was answered. Gives what ends that. */
export function join(ask: () => Promise<boolean>): () => void {
    questions.add(ask);
    return () => {
        questions.delete(ask);
    };
}

/** Asks everything that is shown again. Gives whether all of it was answered; what was not says so in its place. */
export async function lookAgain(): Promise<boolean> {
    const answered = await Promise.all([...questions].map((ask) => ask()));
    return answered.every(Boolean);
}
