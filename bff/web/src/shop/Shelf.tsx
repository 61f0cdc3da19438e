// The fruit on the shelf: one of them is chosen, as with radio buttons.
import { won } from '../shared/format'
import { useLanguage } from '../shared/language'
import { FruitDrawing } from './drawings'
import type { Fruit } from './fruits'
import { Problem, wrongness } from './Problem'

interface Props {
  fruits: Fruit[] | undefined
  away: boolean
  chosen: string
  problem: string | undefined
  choose: (id: string) => void
}

const PLACES = Array.from({ length: 12 }, (_, place) => place)

function Waiting() {
  return (
    <div className="shelf" aria-hidden="true">
      {PLACES.map((place) => (
        <div key={place} className="card waiting" />
      ))}
    </div>
  )
}

function Card({ fruit, chosen, problem, choose }: { fruit: Fruit } & Pick<Props, 'chosen' | 'problem' | 'choose'>) {
  return (
    <label className="card" data-fruit={fruit.id}>
      <input
        type="radio"
        name="fruitId"
        value={fruit.id}
        checked={fruit.id === chosen}
        onChange={() => choose(fruit.id)}
        className="visually-hidden"
        {...wrongness('fruitId', problem)}
      />
      <span className="picture">
        <FruitDrawing id={fruit.id} />
      </span>
      <span className="name">{fruit.name}</span>
      <span className="price">{won(fruit.unitPrice)}</span>
    </label>
  )
}

export function Shelf({ fruits, away, ...rest }: Props) {
  const { t } = useLanguage()
  return (
    <fieldset className="shelf-field" aria-busy={!fruits}>
      <legend className="visually-hidden">{t('form.fruit')}</legend>
      <p className="quiet-line" role="status">
        {away && !fruits ? t('shop.shelfAway') : !fruits && <span className="visually-hidden">{t('shop.loading')}</span>}
        {fruits?.length === 0 && t('shop.empty')}
      </p>
      <Problem of="fruitId" text={rest.problem} />
      {!fruits && <Waiting />}
      {fruits && (
        <div className="shelf">
          {fruits.map((fruit) => (
            <Card key={fruit.id} fruit={fruit} {...rest} />
          ))}
        </div>
      )}
    </fieldset>
  )
}
