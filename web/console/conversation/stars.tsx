/** A score of one to five, in stars and in words. */
import { IconStar, IconStarFilled } from '../icons.ts';
import { useTexts } from '../state/settings.ts';

const ALL = [1, 2, 3, 4, 5];

export function Stars({ score }: { score: number }) {
  const { conversation } = useTexts();
  return (
    <span className="stars" role="img" aria-label={conversation.stars(score)}>
      {ALL.map((one) =>
        one <= score ? <IconStarFilled key={one} size={16} /> : <IconStar key={one} size={16} />,
      )}
    </span>
  );
}
