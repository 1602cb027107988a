/** The page of a list that an address names, from 0; the first where it names none, or one that cannot be. */
export function pageOf(address: URLSearchParams, most = 10_000): number {
    const named = Number(address.get('page') ?? '1');
    return Number.isInteger(named) && named >= 1 && named <= most ? named - 1 : 0;
}
