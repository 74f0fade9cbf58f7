// Moments in the school's time zone, as seconds from now.

const MINUTE = 60;
const DAY_MINUTES = 24 * 60;
const LAST_HOUR = 20;
const FIRST_HOUR = 8;

const local = (seconds, zone) => new Date(new Date(seconds * 1000).toLocaleString("en-US", { timeZone: zone }));

// Seconds until a weekday (0 is Sunday) that fits, at that time; 0 when there is none in eight days.
export function secondsUntil(now, zone, fits, hours, minutes) {
  for (let minute = 1; minute <= 8 * DAY_MINUTES; minute += 1) {
    const then = Math.floor(now / MINUTE) * MINUTE + minute * MINUTE;
    const at = local(then, zone);
    if (at.getHours() === hours && at.getMinutes() === minutes && fits(at.getDay())) return then - now;
  }
  return 0;
}

// Seconds until noon when it is night or nearly so, else 0.
export function nextNoon(now, zone) {
  const hour = local(now, zone).getHours();
  return hour >= FIRST_HOUR && hour < LAST_HOUR ? 0 : secondsUntil(now, zone, () => true, 12, 0);
}

// Seconds until noon on the first day of the next holiday; Christmas where the pack names none.
export function untilHoliday(now, { zone, holidays }) {
  const year = local(now, zone).getFullYear();
  const firsts = [...holidays.map((each) => each.first), `${year}-12-25`, `${year + 1}-12-25`];
  const ahead = firsts.map((first) => Date.parse(`${first}T11:00:00Z`) / 1000 - now).filter((by) => by > 0);
  return Math.min(...ahead);
}
