// The fruit, drawn by us: flat shapes on a square of 64.
import type { ReactNode } from 'react'

const leaf = (path: string) => <path d={path} fill="#57a55a" />
const stem = (path: string) => <path d={path} fill="none" stroke="#7b5136" strokeWidth="3" strokeLinecap="round" />
const shine = (cx: number, cy: number, rx: number, ry: number, turn = -30) => (
  <ellipse cx={cx} cy={cy} rx={rx} ry={ry} fill="#fff" opacity=".38" transform={`rotate(${turn} ${cx} ${cy})`} />
)

const apple = (
  <>
    {stem('M32 20c0-5 1-8 4-12')}
    {leaf('M35 15c2-7 10-9 15-8-1 6-8 10-15 8z')}
    <path d="M32 20c-5-4-19-4-21 10-2 13 8 26 15 26 3 0 4-1.5 6-1.5s3 1.5 6 1.5c7 0 17-13 15-26-2-14-16-14-21-10z" fill="#e4474c" />
    <path d="M44 17.5c4 8 4 25-8 38 8 2 19-12 17-26-1-7-5-10.5-9-12z" fill="#c9353d" opacity=".65" />
    {shine(20, 29, 3.5, 6.5, 20)}
  </>
)

const watermelon = (
  <g transform="rotate(-14 32 32)">
    <path d="M4 24a28 28 0 0 0 56 0z" fill="#2f8a4c" />
    <path d="M7.5 24a24.5 24.5 0 0 0 49 0z" fill="#e3f3c9" />
    <path d="M10.5 24a21.5 21.5 0 0 0 43 0z" fill="#f2575d" />
    <path d="M32 45.5a21.5 21.5 0 0 0 21.5-21.5h-9c0 9-5 17-12.5 21.5z" fill="#de3f4b" opacity=".6" />
    <g fill="#43202a">
      <ellipse cx="20" cy="29.5" rx="1.5" ry="2.5" transform="rotate(20 20 29.5)" />
      <ellipse cx="28" cy="34" rx="1.5" ry="2.5" />
      <ellipse cx="36" cy="29" rx="1.5" ry="2.5" />
      <ellipse cx="44" cy="30" rx="1.5" ry="2.5" transform="rotate(-20 44 30)" />
      <ellipse cx="34" cy="40" rx="1.5" ry="2.5" />
      <ellipse cx="23" cy="37.5" rx="1.5" ry="2.5" transform="rotate(16 23 37.5)" />
    </g>
  </g>
)

const pear = (
  <>
    {stem('M32 17c0-4 2-7 5-10')}
    <circle cx="32" cy="36" r="21.5" fill="#dba45a" />
    <path d="M40 16c5 12 2 30-11 41 14 2 25-9 24.5-22-.4-9-6-16-13.5-19z" fill="#c58a40" opacity=".55" />
    <path d="M26 16.5c4 3 8 3 12 0-3-2-9-2-12 0z" fill="#a9712f" />
    <g fill="#b3803a">
      <circle cx="22" cy="42" r="1.1" />
      <circle cx="28" cy="49" r="1.1" />
      <circle cx="31" cy="38" r="1.1" />
      <circle cx="39" cy="44" r="1.1" />
      <circle cx="42" cy="31" r="1.1" />
      <circle cx="30" cy="27" r="1.1" />
      <circle cx="47" cy="38" r="1.1" />
      <circle cx="17" cy="36" r="1.1" />
    </g>
    {shine(21, 28, 3.5, 6)}
  </>
)

const persimmon = (
  <>
    <path d="M32 21c14-4 25 3 25 16 0 12-11 19-25 19S7 49 7 37c0-13 11-20 25-16z" fill="#f28b30" />
    <path d="M46 20c6 12 2 28-12 36 13 0 23-7 23-19 0-9-4.5-15-11-17z" fill="#dd6f1c" opacity=".55" />
    <path d="M32 23c-6 5-13 4-16 1 4-5 9-6 13-4-1-3-.5-7 3-10 3.5 3 4 7 3 10 4-2 9-1 13 4-3 3-10 4-16-1z" fill="#5f9a4b" />
    <path d="M32 23c-2-3-2-8 0-13 2 5 2 10 0 13z" fill="#45803a" />
    {shine(17, 36, 3.5, 6, 25)}
  </>
)

const mandarin = (
  <>
    {leaf('M29 16c-2-7 4-11 12-10 1 6-5 11-12 10z')}
    <circle cx="28" cy="34" r="20" fill="#f79a1e" />
    <path d="M25 16.5h6l-1.5 2.5h-3z" fill="#5b7f35" />
    <g fill="#e07f0c" opacity=".7">
      <circle cx="17" cy="42" r="1" />
      <circle cx="22" cy="47" r="1" />
      <circle cx="21" cy="38" r="1" />
      <circle cx="34" cy="24" r="1" />
      <circle cx="39" cy="28" r="1" />
    </g>
    {shine(18, 28, 3.5, 5.5)}
    <circle cx="44" cy="45" r="14" fill="#f3860f" />
    <circle cx="44" cy="45" r="12" fill="#fde3b0" />
    <g fill="#fbab38">
      {[0, 45, 90, 135, 180, 225, 270, 315].map((turn) => (
        <path key={turn} d="M44 43.5l-3.4-8c2-1.5 4.8-1.5 6.8 0z" transform={`rotate(${turn} 44 45)`} />
      ))}
    </g>
  </>
)

const grapes = [[20, 26], [32, 25], [44, 26], [15.5, 35], [26, 35], [38, 35], [48.5, 35], [21, 44], [32, 45], [43, 44], [27, 52.5], [37, 52.5]]
const grape = (
  <>
    {stem('M33 21c0-5 0-9-3-13')}
    {leaf('M33 16c2-8 11-11 18-8-1 5-4 6-4 9-4 1-9 3-14-1z')}
    {grapes.map(([cx, cy], place) => (
      <circle key={place} cx={cx} cy={cy} r="7" fill={place % 3 ? '#7a4bb0' : '#6a3da0'} />
    ))}
    {grapes.map(([cx = 0, cy = 0], place) => (
      <circle key={place} cx={cx - 2.2} cy={cy - 2.2} r="1.5" fill="#fff" opacity=".4" />
    ))}
  </>
)

const seeds = [[22, 30], [32, 29], [42, 30], [18, 37.5], [27, 38], [37, 38], [46, 37.5], [24, 45.5], [32, 46], [40, 45.5], [32, 53]]
const strawberry = (
  <>
    {stem('M32 17c0-4 1-6 3-9')}
    <path d="M32 20c9-6 23-2 22 11-1 12-14 27-22 27S11 43 10 31C9 18 23 14 32 20z" fill="#ea3f50" />
    <path d="M45 18c3 13-2 29-13 40 9-1 21-15 22-27 .6-7-4-12-9-13z" fill="#c92c42" opacity=".55" />
    <g fill="#ffe08a">
      {seeds.map(([cx, cy], place) => (
        <ellipse key={place} cx={cx} cy={cy} rx="1.1" ry="1.7" />
      ))}
    </g>
    <path d="M32 24c-3-1-5 3-9 3 0-3 1-4 1-5-4 0-7-1-9-4 4-3 10-4 17-2 7-2 13-1 17 2-2 3-5 4-9 4 0 1 1 2 1 5-4 0-6-4-9-3z" fill="#4f9d52" />
  </>
)

const peach = (
  <>
    {stem('M33 19c0-4 1-7 3-10')}
    {leaf('M34 18c4-9 14-10 20-6-3 7-11 10-20 6z')}
    <path d="M33 20c8-7 24-3 24 13 0 14-13 22-25 24C20 55 8 47 8 33 8 17 25 13 33 20z" fill="#ffb199" />
    <path d="M33 20c8-7 24-3 24 13 0 14-13 22-25 24 12-9 12-26 1-37z" fill="#f58785" opacity=".75" />
    <path d="M33 20c9 9 11 23 3 35" fill="none" stroke="#df6c72" strokeWidth="2" strokeLinecap="round" />
    {shine(18, 29, 3.5, 6, 25)}
  </>
)

const orientalMelon = (
  <g transform="rotate(32 32 33)">
    <path d="M32 11v-5" fill="none" stroke="#7d8f3c" strokeWidth="4" strokeLinecap="round" />
    <ellipse cx="32" cy="34" rx="18" ry="24" fill="#f9cd2b" />
    <g fill="none" stroke="#fff6d0" strokeWidth="2.6" strokeLinecap="round">
      <path d="M32 12v44" />
      <path d="M27 12.5c-8 12-8 31 0 43" />
      <path d="M37 12.5c8 12 8 31 0 43" />
    </g>
    <path d="M40 13c8 12 7 32-5 45 9-1 15-12 15-24 0-9-4-17-10-21z" fill="#e0a614" opacity=".45" />
    <path d="M27 12c3-2 7-2 10 0-2 3-8 3-10 0z" fill="#7d8f3c" />
  </g>
)

const plum = (
  <>
    {stem('M32 19c0-4 0-7 2-11')}
    {leaf('M33 16c3-8 12-10 18-7-2 7-10 11-18 7z')}
    <circle cx="32" cy="37" r="20" fill="#b52a53" />
    <path d="M41 19c6 11 4 27-8 38 11 0 19-9 19-20 0-8-4.5-15-11-18z" fill="#8c1b40" opacity=".6" />
    <path d="M32 18c-6 8-7 22 0 38" fill="none" stroke="#8c1b40" strokeWidth="2" strokeLinecap="round" />
    {shine(20, 31, 3.2, 6, 20)}
  </>
)

const jujube = (
  <>
    {stem('M40 14c-4 2-8 6-9 11')}
    {stem('M40 14c4 3 6 6 6 11')}
    {leaf('M39 15c-7 3-14 0-17-5 6-4 14-2 17 5z')}
    <ellipse cx="23" cy="40" rx="13" ry="17" fill="#a8402a" transform="rotate(14 23 40)" />
    <path d="M27 25c3 8 1 22-7 31" fill="none" stroke="#87301f" strokeWidth="1.8" strokeLinecap="round" />
    {shine(16.5, 35, 2.6, 5.5, 14)}
    <ellipse cx="46" cy="40" rx="11.5" ry="15.5" fill="#bd5236" transform="rotate(-10 46 40)" />
    <path d="M47 27c4 8 4 18 0 27" fill="none" stroke="#933a25" strokeWidth="1.8" strokeLinecap="round" />
    {shine(40.5, 35, 2.4, 5, -6)}
  </>
)

const basket = (
  <>
    <circle cx="24" cy="27" r="9" fill="#e4474c" />
    <circle cx="41" cy="27" r="9" fill="#f79a1e" />
    <circle cx="32" cy="23" r="9" fill="#8fbf4d" />
    <path d="M12 31C12 4 52 4 52 31" fill="none" stroke="#a8743f" strokeWidth="3.5" />
    <path d="M8 30h48l-5 24a4 4 0 0 1-4 3H17a4 4 0 0 1-4-3z" fill="#c98f54" />
    <path d="M8 30h48l-1 6H9z" fill="#a8743f" />
    <path d="M23 37l2 19M32 37v19M41 37l-2 19M11 46h42" fill="none" stroke="#a8743f" strokeWidth="2" />
  </>
)

const DRAWINGS: Record<string, ReactNode> = {
  apple, watermelon, pear, persimmon, mandarin, grape, strawberry, peach, plum, jujube, 'oriental-melon': orientalMelon,
}

/** A fruit's picture; a basket for one that nobody has drawn yet. It says nothing that its name does not. */
export function FruitDrawing({ id }: { id: string }) {
  return (
    <svg className="drawing" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      {DRAWINGS[id] ?? basket}
    </svg>
  )
}
